# SPDX-License-Identifier: GPL-2.0-only
"""What becomes of a wrong port: caught, and by what; or the same as the reference; or neither.

It is recorded case by case, the quickest first.  Where its recording is the reference's own there is nothing to
judge.  Where it differs the judge speaks.  One that never differs is *equivalent*: under every pattern of answers it
does what the reference does, event by event.  One that differs and breaks no rule is put to the litmus tests as
well; if no interleaving shows anything either, it is correct in another way, and needs a reason, or it is a hole in
the rules.  Which of the two, a person says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from functools import cache
from typing import Final

from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.events import AnyEvent
from mmu_gather_spec.record import record

from mmu_gather_conformance import ports
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.cases import cases
from mmu_gather_conformance.check import rules_for
from mmu_gather_conformance.checker import Checker
from mmu_gather_conformance.falsify.automatic import Automatic
from mmu_gather_conformance.hosts import Broke, InProcess, One, whole
from mmu_gather_conformance.interleaved import Asker, questions
from mmu_gather_conformance.interleaving import case as recording_case
from mmu_gather_conformance.recorder import FILLS, Outcome, Recorder, Recording, Run
from mmu_gather_conformance.report import CaseResult
from mmu_gather_conformance.verdict import Verdict

#: The runs of a case that are judged have about so many effects together.
SAMPLE: Final = 20_000
#: A mutant is judged first in so many cases in which it differs; one that is known to be correct in no more.
FIRST_CASES: Final = 12
#: A case with more effects is asked for a difference and no more: all that is wrong shows at a small capacity, too.
LARGE: Final = 10_000
#: Verdicts on a port that did not even run.
BROKEN: Final = (Verdict.CRASHED, Verdict.TIMED_OUT, Verdict.PROTOCOL_ERROR, Verdict.UNSTABLE)


class Fate(Enum):
    """What became of it."""

    CAUGHT = "caught"
    #: it could not be linked, or it raised, or it looped
    BROKE = "broke"
    EQUIVALENT = "equivalent"
    #: it does otherwise, and nothing is wrong with that as far as can be seen
    DIFFERS = "differs"


@record(frozen=True, slots=True)
class End:
    """What became of one mutant, and where that was seen."""

    fate: Fate
    #: the case that showed it: a violation, or the first difference
    case: str = ""
    #: the rule that was violated, or how it broke
    by: str = ""


@cache
def in_order(arch: str, /) -> tuple[Case, ...]:
    """The cases of an arch, those with the fewest effects first: most mutants show in these."""
    return tuple(sorted(cases((arch,), DEFAULT_ERA), key=lambda case: (_effects(case), case.id)))


def _effects(case: Case) -> int:
    """How many effects the reference has in a case."""
    return sum(map(len, _expected(case).values()))


@cache
def _expected(case: Case) -> dict[tuple[int, ...], tuple[AnyEvent, ...]]:
    """What the reference does in a case under each pattern of answers."""
    return {run.choices: run.trace for run in runs_of(ports.open_port("ref"), case)}


def runs_of(port: ports.Port, case: Case, fills: Sequence[int] = FILLS, /) -> Iterator[Run]:
    """One run for each pattern of answers, with the fillings in turn."""
    recorder = Recorder(port.image(case.config), case.scenario, case.config)
    return iter(recorder.record().runs) if case.scenario.builds else recorder.closure(Recording(), fills)


class Sampled:
    """A host that makes the first runs of a case and no more: a mutant may have more of them than anybody can wait for.

    They are enough to catch nearly every one; `end_of` goes on with those that they do not.
    """

    def __init__(self, port: ports.Port, /) -> None:
        self.port = port
        #: whether the last sample is all that there is
        self.closed = True

    def record(self, case: Case, one: One | None = None) -> tuple[Recording | Broke, float]:
        """The first runs, or how the first that broke did."""
        assert one is None, "a sample is not repeated"
        recording = Recording()
        for run in runs_of(self.port, case, FILLS[:1]):
            recording.runs.append(run)
            recording.effects += len(run.trace)
            if recording.effects > SAMPLE:
                recording.closed = False
                break
        self.closed = recording.closed
        return whole(recording), 0.0

    def close(self) -> None:
        """Nothing to end."""


def differs(port: ports.Port, case: Case, /) -> bool:
    """Whether the port does anything in a case that the reference does not, or the other way round."""
    expected = _expected(case)
    count = 0
    for count, run in enumerate(runs_of(port, case), 1):  # noqa: B007 - it is asked for below
        if run.outcome is not Outcome.ENDED or run.trace != expected.get(run.choices):
            return True
    return count != len(expected)


def end_of(mutant: Automatic, /, *, thorough: bool = True) -> End:
    """What becomes of an automatic mutant.

    It is judged in the first cases in which it differs, which is enough for nearly all.
    thorough: what these have not caught is judged in all the others, put to the litmus tests, and judged in all its
    runs with every filling.  For one that a person has found to be correct that is not done each time.
    """
    port = mutant.port()
    sample = Sampled(port)
    rules = rules_for(DEFAULT_ERA)
    first_runs, all_runs = (Checker(host, port.name, DEFAULT_ERA, rules) for host in (sample, InProcess(port)))
    first = ""
    small: list[Case] = []
    for count, case in enumerate(_differing(mutant, port)):
        if count == FIRST_CASES and not thorough:
            break
        first = first or case.id
        if end := _caught(first_runs.case(case)):
            return end
        if sample.closed:
            small.append(case)
    if not first:
        return End(Fate.EQUIVALENT)
    if thorough:
        if end := _asked(mutant, port):
            return end
        for case in small:
            if end := _caught(all_runs.case(case)):
                return end
    return End(Fate.DIFFERS, first)


def _differing(mutant: Automatic, port: ports.Port) -> Iterator[Case]:
    """The cases in which a mutant differs from the reference; a large one only where no other has shown that."""
    found = False
    for arch in port.archs:
        for case in in_order(arch):
            if mutant.is_linked_on(case.config) and not (found and _effects(case) > LARGE) and differs(port, case):
                found = True
                yield case


def _caught(result: CaseResult) -> End | None:
    """How a case ends a mutant, if it does."""
    if result.verdict is Verdict.VIOLATED:
        found = min((found for found in result.found if found.verdict is Verdict.VIOLATED), key=lambda each: each.steps)
        return End(Fate.CAUGHT, result.id, found.rule)
    if result.verdict in BROKEN:
        return End(Fate.BROKE, result.id, f"{result.verdict.value}: {result.detail}")
    return None


def _asked(mutant: Automatic, port: ports.Port) -> End | None:
    """Whether an interleaving shows what no recording does; where the recordings are the same, none can."""
    rules = frozenset(rule.id for rule in rules_for(DEFAULT_ERA))
    asker = Asker(InProcess(port), port.name, DEFAULT_ERA, rules)
    for question in sorted(questions(mutant.asked_on(), rules, ""), key=lambda each: each.litmus.batch):
        recorded = [recording_case(question.litmus, part, question.arch) for part in question.litmus.gathers()]
        if any(mutant.is_linked_on(case.config) and differs(port, case) for case in recorded):
            end = _caught(asker.ask(question))
            if end is not None:
                return end
    return None
