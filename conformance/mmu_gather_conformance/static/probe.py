# SPDX-License-Identifier: GPL-2.0-only
"""The probe: a module that asks a type checker about a port, one question a line.

The answer to a question is whether the checker finds an error on its line, and never what it says there.  So each
question is put such that an error can mean one thing only:

- `fits`: the function can be called as the contract says;
- `stranger`: it takes, in one place, a thing that no contract knows: so it says nothing of that place.  That is how
  `Any` shows, a parameter without a type, and one that takes all words alike;
- `swapped`: it takes two arguments the wrong way round;
- `more`, `named`: it takes twenty arguments more, or one by a name, of a type of which there is no value: `*args`,
  `**kwargs`;
- `result`, `never`: what it returns takes a stranger, or is whatever one wants;
- `code`: it is a function, and no object that can be called.

A decorator is asked what it makes of the contract's own function: a checker may pass over a decorator that has no
types.
"""

from __future__ import annotations

import ast
import builtins
import itertools
from typing import Final

from mmu_gather_spec import words
from mmu_gather_spec.record import record

from mmu_gather_conformance.static.bindings import WORDS, How, Source
from mmu_gather_conformance.static.wanted import GATHER, STRUCT, Wanted, spelled

#: The port in a probe.
PORT: Final = "port"
#: An instance of the class that it publishes.
PUBLISHED: Final = "instance"
#: So many more arguments than the contract has no function has.
MANY: Final = 20

#: Types that are plain numbers to Python, which nothing tells apart.
NUMBERS: Final = frozenset({"ulong", "unsigned_int", "signed_int", "bool"})
#: How questions begin that are about what a decorator makes of a function.
DECORATOR: Final = "decorator "

PREAMBLE: Final = """\
from __future__ import annotations

from typing import Callable, Never, Protocol, TypeVar

from mmu_gather_spec import words


class Stranger(words.Word):
    pass


class Secret:
    pass


Result = TypeVar("Result")


def result(function: Callable[..., Result], /) -> list[Result]:
    raise NotImplementedError


"""


@record(frozen=True, slots=True)
class Question:
    """What one line of a probe asks."""

    function: str
    kind: str


@record(frozen=True, slots=True)
class Probe:
    """A probe's text, and the question on each of its lines."""

    text: str
    questions: dict[int, Question]
    #: the line of the import; an error there means that the checker does not find the port
    at_import: int
    #: a line that is wrong in any case; no error there means that the checker did not look
    at_error: int


class _Writer:
    """Lines, and which of them are questions."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.questions: dict[int, Question] = {}

    def line(self, text: str) -> int:
        self.lines.append(text)
        return len(self.lines)

    def ask(self, function: str, kind: str, text: str) -> None:
        self.questions[self.line(text)] = Question(function, kind)


def write(source: Source, module: str, items: list[Wanted], /) -> Probe:
    """The probe of one port.

    module: the name by which the checker finds it.  items: what it is asked for.
    """
    writer = _Writer()
    for line in PREAMBLE.splitlines():
        writer.line(line)
    at_import = writer.line(f"import {module} as {PORT}")
    at_error = writer.line("secret: Secret = 0")
    if source.published:
        writer.line(f"def published() -> {PORT}.{source.published}: raise NotImplementedError")
        writer.line(f"{PUBLISHED} = published()")
    gather = _gather(source)
    for number, item in enumerate(items):
        base = PUBLISHED if item.name in source.methods else PORT
        if item.name == STRUCT:
            _ask_struct(writer, item)
        elif item.parameters is None:
            _ask_constant(writer, item, f"{base}.{item.name}", number)
        else:
            _ask(writer, item, f"{base}.{item.name}", gather, f"v{number}")
            decorated = _decorated(source, item.name, f"original_{number}")
            if decorated:
                writer.line(_original(item, gather, f"original_{number}"))
                _ask(writer, item, decorated, gather, f"d{number}", DECORATOR)
    return Probe("\n".join(writer.lines) + "\n", writer.questions, at_import, at_error)


def _gather(source: Source) -> str:
    """What `struct mmu_gather` is to a port: its own, or as much of one as it looks at."""
    last = source.last(GATHER)
    if last is not None and last.how is not How.IMPORTED:
        return f"{PORT}.{GATHER}"
    for name, bindings in source.names.items():
        module, _, kind = bindings[-1].origin.rpartition(".")
        known = getattr(words, kind, None) if module == WORDS else None
        if isinstance(known, type) and known is not words.mmu_gather and words.mmu_gather in known.__mro__:
            return f"{PORT}.{name}"
    return f"{PORT}.{GATHER}" if GATHER in source.names else f"words.{GATHER}"


def _ask(writer: _Writer, item: Wanted, port: str, gather: str, variable: str, whose: str = "") -> None:
    """All that is asked about one function."""
    assert item.parameters is not None
    kinds = [spelled(kind, gather) for kind in item.parameters]
    result = spelled(item.result, gather)
    count = itertools.count()

    def fits(kind: str, parameters: list[str], returns: str) -> None:
        of = f"Callable[[{', '.join(parameters)}], {returns}]"
        writer.ask(item.name, whose + kind, f"{variable}_{next(count)}: {of} = {port}")

    writer.ask(item.name, f"{whose}there", port)
    fits("fits", kinds, result)
    for place in range(len(kinds)):
        fits(f"stranger {place}", [*kinds[:place], "Stranger", *kinds[place + 1 :]], result)
    for one, other in itertools.combinations(range(len(kinds)), 2):
        if kinds[one] != kinds[other] and not {item.parameters[one], item.parameters[other]} <= NUMBERS:
            swapped = list(kinds)
            swapped[one], swapped[other] = kinds[other], kinds[one]
            fits("swapped", swapped, result)
    fits("more", [*kinds, *["Never"] * MANY], result)
    fits("never", kinds, "Secret")
    writer.ask(item.name, f"{whose}result", f"result({port}).append(Stranger(0))")
    writer.line(f"class {variable}_named(Protocol):")
    parameters = [f"a{place}: {kind}" for place, kind in enumerate(kinds)]
    shown = ", ".join(["self", *parameters, "/", "*", "no_such_name: Never"])
    writer.line(f"    def __call__({shown}) -> {result}: ...")
    writer.ask(item.name, f"{whose}named", f"{variable}_{next(count)}: {variable}_named = {port}")
    writer.ask(item.name, f"{whose}code", f"{port}.__code__")


def _ask_constant(writer: _Writer, item: Wanted, port: str, number: int) -> None:
    writer.ask(item.name, "there", port)
    writer.ask(item.name, "fits", f"c{number}: int = {port}")
    writer.ask(item.name, "stranger 0", f"s{number}: Secret = {port}")


def _ask_struct(writer: _Writer, item: Wanted) -> None:
    of = f"{PORT}.{GATHER}"
    writer.ask(item.name, "there", of)
    writer.ask(item.name, "fits", f"def struct(tlb: {of}) -> words.{GATHER}: return tlb")
    writer.ask(item.name, "stranger 0", f"def member(tlb: {of}) -> Secret: return tlb.mm")


def _original(item: Wanted, gather: str, name: str) -> str:
    """A function with the contract's signature, in one line."""
    kinds = [spelled(kind, gather) for kind in item.parameters or ()]
    shown = ", ".join([*(f"a{place}: {kind}" for place, kind in enumerate(kinds)), *["/"][: len(kinds)]])
    return f"def {name}({shown}) -> {spelled(item.result, gather)}: raise NotImplementedError"


def _decorated(source: Source, name: str, original: str) -> str:
    """What a function's decorators make of `original`, as an expression; empty if it has none."""
    last = source.last(name)
    if last is None or last.how is not How.DEF:
        return ""
    decorators = source.definitions(name)[-1].decorator_list
    text = original
    for decorator in reversed(decorators):
        text = f"{ast.unparse(_InPort().visit(_copy(decorator)))}({text})"
    return text if decorators else ""


def _copy(node: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(node), mode="eval").body


class _InPort(ast.NodeTransformer):
    """Names of the port's module, seen from outside."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in vars(builtins):
            return node
        return ast.Attribute(ast.Name(PORT), node.id)
