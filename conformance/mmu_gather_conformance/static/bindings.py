# SPDX-License-Identifier: GPL-2.0-only
"""What a port's source binds to a name: read, not run.

A type checker tells which type a name has.  It does not tell whose it is, and a port provides only what it defines: a
function that came by an import is another module's, above all one from the link table, which is the other half's.
And some definitions have a type that says less than they seem to.  All of that is in the source.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Final, TypeAlias

from mmu_gather_spec.record import record

from mmu_gather_conformance.static.verdict import CannotCheck

#: The module by which one half calls the other, and the one that says what a gather has at least.
LINK: Final = "mmu_gather_spec.linked"
WORDS: Final = "mmu_gather_spec.words"

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


class How(Enum):
    """How a name came to be bound."""

    DEF = "def"
    CLASS = "class"
    ASSIGNED = "assigned"
    IMPORTED = "imported"


@record(frozen=True, slots=True)
class Binding:
    """One place that binds a name."""

    how: How
    line: int
    node: ast.stmt
    #: for an import: from where, with the name it has there
    origin: str = ""
    #: it is read by type checkers only, and not when the port runs
    checking_only: bool = False


@record(frozen=True, slots=True)
class Source:
    """The bindings of a module, or of the class that it publishes."""

    path: Path
    names: dict[str, list[Binding]]
    #: the modules of which everything is imported
    stars: tuple[str, ...]
    #: the class whose methods are the port's functions, where one is published, and what it binds
    published: str = ""
    methods: frozenset[str] = frozenset()

    def own(self) -> frozenset[str]:
        """The names that the port itself defines when it runs."""
        return frozenset(name for name in self.names if (last := self.last(name)) and last.how is not How.IMPORTED)

    def last(self, name: str, /) -> Binding | None:
        """The binding that counts when the port runs."""
        real = [binding for binding in self.names.get(name, ()) if not binding.checking_only]
        return real[-1] if real else None

    def archs(self) -> tuple[str, ...]:
        """The architectures that a port says it is for, as far as that can be read; none if it says nothing."""
        said = self._literal("ARCHS")
        return tuple(map(str, said)) if isinstance(said, tuple | list) else ()

    def era(self) -> str:
        """The era that a port says it is of, as far as that can be read; empty if it says nothing."""
        said = self._literal("ERA")
        return said if isinstance(said, str) else ""

    def _literal(self, name: str) -> object:
        last = self.last(name)
        value = last.node.value if last and isinstance(last.node, ast.Assign | ast.AnnAssign) else None
        try:
            return ast.literal_eval(value) if value else None
        except (ValueError, TypeError):
            return None  # it is worked out when the port runs

    def definitions(self, name: str, /) -> list[Function]:
        """The `def`s of a name, in order."""
        found = self.names.get(name, ())
        return [each.node for each in found if isinstance(each.node, Function)]


def read(path: Path, /) -> Source:
    """The bindings of a file.

    Errors: CannotCheck for a file that cannot be read, or is not Python.
    """
    try:
        tree = ast.parse(path.read_bytes(), str(path), type_comments=True)
    except (OSError, ValueError) as error:
        raise CannotCheck(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    except SyntaxError as error:
        raise CannotCheck(f"{path}:{error.lineno}: {error.msg}") from error
    names: dict[str, list[Binding]] = {}
    for name, binding in _walk(tree.body, checking_only=False):
        names.setdefault(name, []).append(binding)
    stars = tuple(binding.origin for binding in names.pop("*", ()))
    published = _published(tree)
    body = names[published][-1].node if published in names else None
    if not isinstance(body, ast.ClassDef):
        return Source(path, names, stars)
    # Its methods are the functions; all else stays the module's.
    methods = list(_walk(body.body, checking_only=False))
    for name, binding in methods:
        names.setdefault(name, []).append(binding)
    return Source(path, names, stars, published, frozenset(name for name, _ in methods))


def _walk(body: list[ast.stmt], *, checking_only: bool) -> Iterator[tuple[str, Binding]]:
    """The bindings of a block and of the blocks in it, in the order of the source."""
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.name, Binding(How.DEF, node.lineno, node, checking_only=checking_only)
            case ast.ClassDef():
                yield node.name, Binding(How.CLASS, node.lineno, node, checking_only=checking_only)
            case ast.Import() | ast.ImportFrom():
                for name, origin in _imported(node):
                    yield name, Binding(How.IMPORTED, node.lineno, node, origin, checking_only)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                if not (isinstance(node, ast.AnnAssign) and node.value is None):
                    for name in _targets(node):
                        yield name, Binding(How.ASSIGNED, node.lineno, node, checking_only=checking_only)
            case ast.If():
                for_checkers = _is_type_checking(node.test)
                yield from _walk(node.body, checking_only=checking_only or for_checkers is True)
                yield from _walk(node.orelse, checking_only=checking_only or for_checkers is False)
            case _:
                yield from _walk(_inside(node), checking_only=checking_only)


def _inside(node: ast.stmt) -> list[ast.stmt]:
    """The statements of a compound statement, in whichever of its blocks they are."""
    found: list[ast.stmt] = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            found.append(child)
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            found += child.body
    return found


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0], alias.name
        return
    origin = "." * node.level + (node.module or "")
    for alias in node.names:
        yield alias.asname or alias.name, origin if alias.name == "*" else f"{origin}.{alias.name}"


def _targets(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> Iterator[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))


def _is_type_checking(test: ast.expr) -> bool | None:
    """Whether a condition is true for type checkers and false when the port runs; False for the contrary."""
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"):
            return True
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _is_type_checking(operand)
            return None if inner is None else not inner
        case _:
            return None


def _published(tree: ast.Module) -> str:
    """The class of which `publish(...)` makes functions, if the module has such a line; see `contract.class_port`."""
    made: dict[str, str] = {}
    for node in tree.body:
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=cls)))
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(func=ast.Name(id=cls)))
            ):
                made[name] = cls
            case ast.Expr(value=ast.Call(func=called, args=[what, *_])) if _ends(called) == "publish":
                match what:
                    case ast.Call(func=ast.Name(id=cls)):
                        return cls
                    case ast.Name(id=name):
                        return made.get(name, "")
                    case _:
                        pass  # an instance of who knows what
            case _:
                pass  # makes no instance, and publishes none
    return ""


def _ends(node: ast.expr) -> str:
    """The last part of a dotted name."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
