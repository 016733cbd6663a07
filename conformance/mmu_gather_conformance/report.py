# SPDX-License-Identifier: GPL-2.0-only
"""The report: what every output is made of, as plain data.

Its JSON form is one document that ends with `"complete": true`; one without that line is of a run that did
not end, and never counts as a pass.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

from mmu_gather_spec.record import field, record

from mmu_gather_conformance.litmus import Litmus
from mmu_gather_conformance.scenario import Scenario
from mmu_gather_conformance.static.verdict import PortTypes, Static
from mmu_gather_conformance.verdict import Exit, Verdict, exit_code, worst

if TYPE_CHECKING:
    from msgspec import Meta

#: The number of the document's format.
REPORT_FORMAT: Final = 1

#: The number of an answer, or of a boundary.
Natural: TypeAlias = "Annotated[int, Meta(ge=0)]"
#: Which halves of what a port brings are used; the others are the reference's.
Halves: TypeAlias = "Annotated[tuple[Literal['generic', 'arch'], ...], Meta(min_length=1)]"
BOTH: Final[Halves] = ("generic", "arch")


@record(frozen=True, slots=True)
class Failure:
    """A run that can be repeated: what `replay` reads."""

    format: int
    port: str
    era: str
    #: the case it came from, for the reader
    case: str
    rule: str
    scenario: Scenario
    config: dict[str, str | int | bool]
    choices: tuple[Natural, ...]
    fill: Annotated[int, Meta(ge=0, le=0xFF)] = 0
    nested_at: Natural = 0
    #: hypothesis keeps the other port of a comparison here
    against: str = ""
    #: the answers of a comparison, by service
    by_service: dict[str, tuple[Natural, ...]] = field(default_factory=dict)
    #: an interleaving: who took part, and who moved when
    litmus: Litmus | None = None
    schedule: tuple[tuple[str, Natural], ...] = ()
    #: what was used of the port: a run is a composition, and is repeated as the same one
    halves: Halves = BOTH

    @property
    def alone(self) -> str:
        """The half that was used alone, or nothing."""
        return "" if set(self.halves) == set(BOTH) else f"{self.halves[0]} half"


@record(frozen=True, slots=True)
class Found:
    """One rule that found something, in one case."""

    rule: str
    level: str
    sentence: str
    source: str
    whose: str
    reason: str
    erratum: str | None
    verdict: Verdict
    #: the run up to the offending step, as CPU lanes
    lanes: tuple[str, ...]
    #: how many steps it takes
    steps: int
    failure: Failure
    #: where the failure was saved, once it was
    file: str = ""


@record(slots=True)
class CaseResult:
    """What became of one case."""

    id: str
    arch: str
    verdict: Verdict
    detail: str = ""
    found: list[Found] = field(default_factory=list)
    #: verdict of each rule that was judged here
    rules: dict[str, Verdict] = field(default_factory=dict)
    runs: int = 0
    effects: int = 0
    #: of a litmus: Never, Sometimes or Always, and how many states that took
    answer: str = ""
    states: int = 0
    #: what this pass speaks about
    bounds: str = ""
    record_seconds: float = 0.0
    judge_seconds: float = 0.0


@record(slots=True)
class PortReport:
    """What became of one port."""

    port: str
    era: str
    cases: list[CaseResult] = field(default_factory=list)
    #: ids that were declared before the run
    declared: tuple[str, ...] = ()
    #: the static verdict, where it was asked for; and of each rule, the gravest among the functions that it binds
    types: PortTypes | None = None
    types_by_rule: dict[str, Static] = field(default_factory=dict)
    #: what the port says of its own version, such as 6.12.117 for a kernel; empty where nothing says it
    version: str = ""

    @property
    def verdict(self) -> Verdict:
        """The gravest verdict of all cases."""
        return worst(case.verdict for case in self.cases)

    def by_rule(self) -> dict[str, Verdict]:
        """The gravest verdict of each rule over all cases."""
        rules: dict[str, list[Verdict]] = {}
        for case in self.cases:
            for rule, verdict in case.rules.items():
                rules.setdefault(rule, []).append(verdict)
        return {rule: worst(verdicts) for rule, verdicts in rules.items()}

    def counts(self) -> Counter[Verdict]:
        """How many cases had which verdict."""
        return Counter(case.verdict for case in self.cases)

    def effects_per_second(self) -> float:
        """Recording speed: effects over seconds, all runs of all fillings counted."""
        seconds = sum(case.record_seconds for case in self.cases)
        return sum(case.effects for case in self.cases) / seconds if seconds else 0.0


@record(slots=True)
class Report:
    """A whole run."""

    edition: str
    ports: list[PortReport]
    format: int = REPORT_FORMAT
    complete: bool = False

    def exit_code(self) -> Exit:
        """How the command exits."""
        missing = any(len(port.cases) < len(port.declared) for port in self.ports)
        if missing or not self.complete:
            return Exit.SUITE_BROKE
        verdicts = [case.verdict for port in self.ports for case in port.cases]
        if any(port.types and not port.types.good() for port in self.ports):
            verdicts.append(Verdict.VIOLATED)
        return exit_code(verdicts)
