# SPDX-License-Identifier: GPL-2.0-only
"""The difference of two eras: function by function, and the rules that changed their standing.

The eras' references are read as text; they have the same names in the same order, so that what differs is what the
kernel changed.  A definition is known by its name, whichever file it is in: between v3.0 and v5.7 most of them moved.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import mmu_gather_reference
from mmu_gather_spec.bound import functions_bound
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.errata import in_order
from mmu_gather_spec.history import Change, changes
from mmu_gather_spec.record import record
from mmu_gather_spec.rule import Status

#: Which file stands for which: the gather's functions were in mm/memory.c before they had a file of their own.
KINDS: Final = {
    "memory": "mm/memory.c",
    "mmu_gather": "mm/mmu_gather.c",
    "asm_generic_tlb": "include/asm-generic/tlb.h",
}
#: In which order the files of a package are read.
ORDER: Final = ("mmu_table_batch", "mmu_gather_batch", "asm_generic_tlb", "memory", "mmu_gather", "pgtable")


@record(frozen=True, slots=True)
class Definition:
    """A function or a struct of an era's reference."""

    name: str
    #: the module of its package that it is in
    file: str
    lines: tuple[str, ...]
    #: the same without comments and docstrings, as Python reads it
    code: str


@record(frozen=True, slots=True)
class Difference:
    """What became of one definition."""

    name: str
    before: Definition | None
    after: Definition | None

    @property
    def heading(self) -> str:
        """What happened to it, in a line."""
        match self.before, self.after:
            case None, Definition() as new:
                return f"{self.name}: new, in {self.place(new)}"
            case Definition() as old, None:
                return f"{self.name}: gone; it was in {self.place(old)}"
            case Definition() as old, Definition() as new if self.place(old) != self.place(new):
                return f"{self.name}: moved from {self.place(old)} to {self.place(new)}"
        return f"{self.name}: changed"

    @staticmethod
    def place(definition: Definition) -> str:
        """The kernel's file that it mirrors."""
        return KINDS.get(definition.file, definition.file)

    def lines(self) -> list[str]:
        """The difference as a diff shows it, without a heading."""
        old, new = (list(each.lines) if each else [] for each in (self.before, self.after))
        return [line for line in difflib.unified_diff(old, new, n=1000, lineterm="") if not line.startswith(MARKS)]


#: How a diff begins, and its parts.
MARKS: Final = ("---", "+++", "@@")


@cache
def definitions(era: str, /) -> dict[str, Definition]:
    """The definitions of an era's reference by name, in the order of its files."""
    package = mmu_gather_reference.package(era).rpartition(".")[2]
    folder = Path(mmu_gather_reference.__file__).parent / package
    files = sorted(folder.glob("[!_]*.py"), key=lambda path: _place(path.stem))
    return {each.name: each for file in files for each in _in(file)}


def _place(file: str) -> tuple[int, str]:
    return (ORDER.index(file) if file in ORDER else len(ORDER)), file


def _in(file: Path) -> Iterator[Definition]:
    source = file.read_text(encoding="utf-8")
    lines = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            text = tuple(lines[node.lineno - 1 : node.end_lineno])
            name = node.name if file.stem in ORDER else f"{node.name} ({file.stem})"
            yield Definition(name, file.stem, text, _code(node))


def _code(node: ast.FunctionDef | ast.ClassDef) -> str:
    body = node.body
    for each in ast.walk(node):
        if isinstance(each, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(each) is not None:
            each.body = each.body[1:] or [ast.Pass()]
    shown = ast.dump(node)
    node.body = body
    return shown


def differences(before: str, after: str, /) -> list[Difference]:
    """The definitions that differ, in the later era's order; what is gone comes where it was."""
    old, new = definitions(before), definitions(after)
    names = _merged(list(old), list(new))
    found = (Difference(name, old.get(name), new.get(name)) for name in names)
    return [each for each in found if not _same(each)]


def _same(each: Difference) -> bool:
    return each.before is not None and each.after is not None and each.before.lines == each.after.lines


def _merged(old: list[str], new: list[str]) -> list[str]:
    """Both orders in one: the later one's, with what is gone behind what it stood behind."""
    merged = list(new)
    for at, name in enumerate(old):
        if name not in merged:
            before = next((each for each in reversed(old[:at]) if each in merged), None)
            merged.insert(0 if before is None else merged.index(before) + 1, name)
    return merged


def about(change: Change, function: str, /) -> bool:
    """Whether a rule speaks of a function, in its sentence or in where it can be read."""
    texts = (change.rule.sentence, *(f"{source.file} {source.phrase}" for source in change.rule.sources))
    return any(re.search(rf"(?<!\w){re.escape(function)}(?!\w)", text) for text in texts)


def binds(change: Change, function: str, *eras: str) -> bool:
    """Whether a rule asks something of a function of the contract in one of the eras."""
    rule = change.rule
    return any(rule.status_in(era).judges() and function in functions_bound(rule, era) for era in eras)


def changed_behind(function: str, before: str, after: str, /) -> list[str]:
    """What a function that both eras have calls and is not the same in both: its own text does not show it."""
    if not all(function in definitions(era) for era in (before, after)):
        return []
    called = _called(function, before, after) - {function}
    return [each.name for each in differences(before, after) if each.name in called]


def _called(function: str, *eras: str) -> set[str]:
    """What a function calls in any of the eras."""
    of = (each for era in eras for each in definitions(era).values() if each.name.partition(" ")[0] == function)
    return {name for each in of for name in re.findall(r"Call\(func=Name\(id='(\w+)'", each.code)}


def words(status: Status, /) -> str:
    """A standing as it is printed."""
    errata = ", ".join(in_order(status.errata))
    return f"{status.standing.value} ({errata})" if errata else status.standing.value


def render(before: str, after: str, function: str = "", /) -> Iterator[str]:
    """The difference as lines; of one function only, if one is named."""
    yield f"{before}: {ERAS[before].summary}"
    yield f"{after}: {ERAS[after].summary}"
    found = differences(before, after)
    shown = [each for each in found if not function or each.name.partition(" ")[0] == function]
    for each in shown:
        yield ""
        yield each.heading
        yield from (f"  {line}" for line in each.lines())
    if function:
        behind = changed_behind(function, before, after)
        yield from () if shown else ("", f"{function}: the same in both")
        yield from ("", f"changed of what {function} calls: {', '.join(behind)}") if behind else ()
    changed = changes(before, after)
    law = [each for each in changed if not function or about(each, function) or binds(each, function, before, after)]
    if law:
        yield ""
        yield "rules that changed:" if not function else f"rules about {function} that changed:"
        for change in law:
            yield f"  {change.rule.id}: {words(change.before)} -> {words(change.after)}"
            yield f"    {change.rule.sentence}"
