# SPDX-License-Identifier: GPL-2.0-only
"""A verdict for each function, of what the source says and what a checker answered.

The source comes first: what a port does not define it does not provide, whatever type a checker sees there.  Of what
it defines, a shape that does not fit is SIGNATURE; one that fits and would fit as well if it were wrong is UNTYPED.
"""

from __future__ import annotations

import ast
from typing import Final

from mmu_gather_conformance.static.bindings import LINK, WORDS, Binding, Function, How, Source
from mmu_gather_conformance.static.probe import DECORATOR
from mmu_gather_conformance.static.verdict import FunctionVerdict, Static
from mmu_gather_conformance.static.wanted import GATHER, STRUCT, Wanted

#: Questions that a good function answers without an error; all others it answers with one.
GOOD_WITHOUT_ERROR: Final = ("there", "fits", "code")

#: What is wrong if a question is answered the wrong way, in the order in which it is told.
WRONG: Final = (
    ("there", Static.MISSING, "no type checker finds it"),
    ("fits", Static.SIGNATURE, ""),
    ("code", Static.SIGNATURE, "it is an object that can be called, and no function"),
    ("more", Static.UNTYPED, "it takes any number of arguments"),
    ("named", Static.UNTYPED, "it takes arguments by any name"),
    ("stranger", Static.UNTYPED, "{place} takes anything"),
    ("result", Static.UNTYPED, "what it returns can be anything"),
    ("never", Static.SIGNATURE, "it never returns"),
    ("swapped", Static.UNTYPED, "it takes two of its arguments the wrong way round as well"),
)


def judge(source: Source, file: str, item: Wanted, errors: dict[str, bool], /) -> FunctionVerdict:
    """The verdict on one name.

    file: the port as it was named.  errors: for each question about the name, whether there was an error.
    """
    name = GATHER if item.name == STRUCT else item.name
    binding = source.last(name)
    verdict, reason = _of_source(source, name, binding, there=not errors["there"]) or _of_answers(item, errors)
    got = "" if verdict in (Static.OK, Static.MISSING) or binding is None else _shown(binding)
    line = binding.line if binding else 1
    return FunctionVerdict(item.name, verdict, file, line, item.text, got, reason, tuple(wrong_answers(errors)))


def wrong_answers(errors: dict[str, bool], /) -> list[str]:
    """The questions that were answered otherwise than for a good function."""
    return [kind for kind, error in errors.items() if error == (_asked(kind) in GOOD_WITHOUT_ERROR)]


def _asked(kind: str) -> str:
    """What a question asks, whichever parameter it is about, and whether of a function or of its decorator."""
    return kind.removeprefix(DECORATOR).partition(" ")[0]


def _of_source(source: Source, name: str, binding: Binding | None, *, there: bool) -> tuple[Static, str] | None:
    """What the source alone decides."""
    if binding is None:
        return _unbound(source, name, there=there)
    if binding.how is How.IMPORTED:
        if binding.origin.startswith(LINK):
            return Static.MISSING, "it is called by the link table, and not defined here"
        if binding.origin.startswith(WORDS):
            return Static.MISSING, "it is the contract's, and not defined here"
        return Static.SIGNATURE, "it is another module's: a port provides what it defines"
    if any(each.checking_only for each in source.names[name]):
        return Static.UNTYPED, "type checkers read another definition than the one that runs"
    if source.path.with_suffix(".pyi").exists():
        return Static.UNTYPED, "type checkers read the .pyi file beside it, and not what runs"
    definitions = source.definitions(name)
    if len(definitions) > 1 and any(each.decorator_list for each in definitions[:-1]):
        return Static.SIGNATURE, "it is overloaded: the kernel's functions have one signature"
    if len(source.names[name]) > len(definitions) > 0:
        return Static.UNTYPED, "it is bound again, and type checkers go by its definition"
    if len({ast.dump(each.args) + ast.dump(each.returns or ast.Constant(None)) for each in definitions}) > 1:
        return Static.UNTYPED, "it has several definitions, and type checkers go by one of them"
    if isinstance(binding.node, Function):
        return _of_definition(source, binding.node)
    if any(isinstance(each, ast.Call) and _called(each).endswith("cast") for each in ast.walk(binding.node)):
        return Static.UNTYPED, "a cast says what it is, and no checker can tell whether it is so"
    return None


def _unbound(source: Source, name: str, *, there: bool) -> tuple[Static, str]:
    """A name that the port does not bind, though a checker may find it."""
    if name in source.names:
        return Static.MISSING, "it is there for type checkers only"
    if there and "__getattr__" in source.names:
        return Static.UNTYPED, "the module makes it up when it is asked for it"
    if there and source.stars:
        return Static.SIGNATURE, f"it is another module's: it came with all of {', '.join(source.stars)}"
    return Static.MISSING, ""


def _of_definition(source: Source, node: Function) -> tuple[Static, str] | None:
    parameters = _parameters(node)
    if node.name in source.methods:
        parameters = parameters[1:]  # self
    bare = [each.arg for each in parameters if each.annotation is None]
    if node.type_comment is None and (bare or node.returns is None):
        return Static.UNTYPED, f"no type for {' and '.join([*bare, *([] if node.returns else ['what it returns'])])}"
    for decorator in node.decorator_list:
        for made in source.definitions(_root(decorator)):
            if made.returns is None or any(each.annotation is None for each in _parameters(made)):
                return Static.UNTYPED, f"the decorator {made.name} has no types, so that its signature is lost"
    return None


def _parameters(node: Function) -> list[ast.arg]:
    rest = [each for each in (node.args.vararg, node.args.kwarg) if each is not None]
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, *rest]


def _root(node: ast.expr) -> str:
    """The name with which an expression begins."""
    while isinstance(node, ast.Attribute | ast.Call):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return node.id if isinstance(node, ast.Name) else ""


def _called(node: ast.Call) -> str:
    return ast.unparse(node.func)


def _of_answers(item: Wanted, errors: dict[str, bool]) -> tuple[Static, str]:
    """What a checker's answers decide: the function's own first, and then those of what its decorator makes."""
    wrong = wrong_answers(errors)
    for behind in (False, True):
        mine = [kind for kind in wrong if kind.startswith(DECORATOR) == behind]
        for asked, verdict, reason in WRONG:
            for kind in mine:
                if _asked(kind) == asked:
                    told = reason.format(place=_place(item, kind.removeprefix(DECORATOR)))
                    return (_behind(verdict), f"{told} behind its decorator".strip()) if behind else (verdict, told)
    return Static.OK, ""


def _behind(verdict: Static) -> Static:
    """What a decorator makes of a function is there in any case."""
    return Static.UNTYPED if verdict is Static.MISSING else verdict


def _place(item: Wanted, kind: str) -> str:
    """Which parameter a question is about, as a person counts."""
    if item.parameters is None:
        return "mm" if item.name == STRUCT else "it"
    place = kind.partition(" ")[2]
    return f"parameter {int(place) + 1}" if place else "it"


def _shown(binding: Binding) -> str:
    """How the port declares a name, in one line."""
    node = binding.node
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            kind = "async def" if isinstance(node, ast.AsyncFunctionDef) else "def"
            decorators = "".join(f"@{ast.unparse(each)} " for each in node.decorator_list)
            returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
            return f"{decorators}{kind} {node.name}({ast.unparse(node.args)}){returns}"
        case ast.ClassDef():
            return f"class {node.name}"
        case _ if binding.origin:
            return f"import of {binding.origin}"
        case _:
            return " ".join(ast.unparse(node).split())
