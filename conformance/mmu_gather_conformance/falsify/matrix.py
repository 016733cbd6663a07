# SPDX-License-Identifier: GPL-2.0-only
"""The matrix: every rule beside what breaks it, and what each rule says of each mutant where that shows.

All rules judge each wrong thing in its own case.  It is *caught* where its own rule is the first to speak; *caught
later* where another speaks at an earlier step, and its own as well; *not caught* where its own is silent, whoever
else speaks.  A rule that nothing breaks has an empty row.  The first is how it should be, the second is no fault, and
the other two are faults of the suite.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from enum import Enum
from itertools import repeat
from multiprocessing import get_context
from typing import Final

from mmu_gather_spec import EDITION
from mmu_gather_spec.record import field, record

from mmu_gather_conformance import one_case, ports
from mmu_gather_conformance.cases import ARCH_NAMES
from mmu_gather_conformance.check import rules_for
from mmu_gather_conformance.falsify.automatic import every, find
from mmu_gather_conformance.falsify.breakers import Breaker, Kind, breakers, musts
from mmu_gather_conformance.falsify.fate import Fate, end_of, in_order
from mmu_gather_conformance.falsify.legal import LEGAL
from mmu_gather_conformance.image import ProtocolError
from mmu_gather_conformance.report import CaseResult
from mmu_gather_conformance.verdict import Verdict


class Cell(Enum):
    """What a rule says of something wrong."""

    CAUGHT = "caught"
    LATER = "caught later"
    #: it is another's fault, and this rule speaks as well
    ALSO = "also"
    MISSED = "not caught"


@record(frozen=True, slots=True)
class Column:
    """One wrong thing, and which rules speak of it."""

    breaker: Breaker
    cells: dict[str, Cell]
    #: the rule that speaks first; empty where none does
    first: str = ""

    @property
    def caught(self) -> bool:
        """Whether its own rule speaks."""
        return self.cells[self.breaker.rule] in (Cell.CAUGHT, Cell.LATER)


@record(slots=True)
class Tally:
    """What became of the automatic mutants."""

    ends: dict[str, int] = field(default_factory=dict)
    #: those that differ, break nothing, and are not among the reviewed
    survivors: list[str] = field(default_factory=list)
    #: those among the reviewed that do not differ, or are caught
    stale: list[str] = field(default_factory=list)

    def kill_rate(self) -> float:
        """Of those that are neither equivalent nor legal, how many are caught."""
        killed = self.ends.get(Fate.CAUGHT.value, 0) + self.ends.get(Fate.BROKE.value, 0)
        return killed / (killed + len(self.survivors)) if killed else 0.0


@record(slots=True)
class Matrix:
    """All of it."""

    edition: str
    columns: list[Column] = field(default_factory=list)
    automatic: Tally | None = None

    def row(self, rule: str, /) -> list[Column]:
        """What is there to break a rule."""
        return [column for column in self.columns if column.breaker.rule == rule]

    def empty_rows(self) -> list[str]:
        """Rules that nothing breaks."""
        return [rule.id for rule in musts() if not self.row(rule.id)]

    def missed(self) -> list[Column]:
        """Wrong things that their own rule lets through."""
        return [column for column in self.columns if not column.caught]

    def good(self) -> bool:
        """Whether every rule is broken by something, and everything that is wrong is caught."""
        tally = self.automatic
        clean = tally is None or not (tally.survivors or tally.stale)
        return not self.empty_rows() and not self.missed() and clean


def column(breaker: Breaker, /) -> Column:
    """Run one wrong thing in its case, judged by every rule."""
    return _judged(breaker, result_of(breaker))


def result_of(breaker: Breaker, /) -> CaseResult:
    """What becomes of a case.  Errors: NoSuchCase."""
    port = ports.open_port(breaker.port)
    try:
        return one_case.result_of(breaker.case, port, rules_for(port.era))
    except ProtocolError as error:
        return CaseResult(breaker.case, "", Verdict.PROTOCOL_ERROR, str(error))


def _judged(breaker: Breaker, result: CaseResult) -> Column:
    """What the rules say of it."""
    wanted = Verdict.AS_WRITTEN if breaker.kind is Kind.AS_WRITTEN else Verdict.VIOLATED
    steps: dict[str, int] = {}
    for found in result.found:
        if found.verdict is wanted:
            steps[found.rule] = min(found.steps, steps.get(found.rule, found.steps))
    if _is_seen(breaker, result):
        steps[breaker.rule] = 0
    first = min(steps, key=lambda rule: (steps[rule], rule != breaker.rule), default="")
    cells = dict.fromkeys(steps, Cell.ALSO)
    own = Cell.CAUGHT if first == breaker.rule else Cell.LATER
    cells[breaker.rule] = own if breaker.rule in steps else Cell.MISSED
    return Column(breaker, cells, first)


def _is_seen(breaker: Breaker, result: CaseResult) -> bool:
    """Whether a fault that is not the port's was seen, or a port was refused for what it lacks."""
    match breaker.kind:
        case Kind.CALLER:
            return result.rules == {breaker.rule: Verdict.PASSED}
        case Kind.WALKER:
            return result.answer in ("Sometimes", "Always")
        case Kind.LINK:
            return (result.verdict, result.detail) == (
                Verdict.PROTOCOL_ERROR, f"missing: {', '.join(breaker.absent)}"
            )  # fmt: skip
        case _:
            return False


def _prepare() -> None:
    """Record the reference: that stays, and is not looked through for garbage."""
    gc.disable()
    for arch in ARCH_NAMES:
        in_order(arch)
    gc.freeze()
    gc.set_threshold(MANY_OBJECTS)
    gc.enable()


def _fate(name: str, thorough: bool) -> tuple[str, Fate]:
    """What becomes of an automatic mutant."""
    return name, end_of(find(name), thorough=thorough or name not in LEGAL).fate


def tally(ends: Iterable[tuple[str, Fate]], /) -> Tally:
    """The automatic mutants, counted."""
    found = Tally()
    for name, fate in ends:
        legal = name in LEGAL
        word = "legal" if fate is Fate.DIFFERS and legal else fate.value
        found.ends[word] = found.ends.get(word, 0) + 1
        if fate is Fate.DIFFERS and not legal:
            found.survivors.append(name)
        elif fate is not Fate.DIFFERS and legal:
            found.stale.append(name)
    return found


#: Garbage is looked for after so many more objects: a recording makes many, and nearly all are gone by themselves.
MANY_OBJECTS: Final = 500_000
#: A process is given so many automatic mutants at a time.
_CHUNK: Final = 4


def matrix(
    wrong: Sequence[Breaker] | None = None,
    *,
    automatic: bool = False,
    thorough: bool = False,
    jobs: int = 1,
    tell: Callable[[Column], None] = lambda column: None,
) -> Matrix:
    """Run everything that is wrong.

    wrong: what to run; all that there is by default.  automatic: the automatic mutants as well.  thorough: those
    of them that are listed as correct are put to everything once more.  jobs: how many processes.  tell: called with
    each column as it comes.
    """
    found = Matrix(EDITION)
    todo = breakers() if wrong is None else wrong
    with ProcessPoolExecutor(jobs, get_context("fork")) as pool:
        for each in pool.map(column, todo) if jobs > 1 else map(column, todo):
            found.columns.append(each)
            tell(each)
    if automatic:
        names = [mutant.name for mutant in every()]
        _prepare()  # once, for all processes
        with ProcessPoolExecutor(jobs, get_context("fork")) as pool:
            found.automatic = tally(pool.map(_fate, names, repeat(thorough), chunksize=_CHUNK))
    return found
