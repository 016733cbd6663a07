# SPDX-License-Identifier: GPL-2.0-only
"""Litmus tests as cases: each is one more row of a port's report, with verdicts and what was found.

A verdict on a rule follows from the witnesses: known errata of the era are as written, anything else is violated.
What a rule binds a walker or a caller to is not held against the port, nor is what comes of a careless program; the
answer says that it happened.
"""

from __future__ import annotations

import time
from collections.abc import Container, Iterable, Iterator
from dataclasses import asdict
from typing import Final

from mmu_gather_spec.arch import ARCHS
from mmu_gather_spec.record import record, replace
from mmu_gather_spec.rule import Binds, Level, Rule
from mmu_gather_spec.rules import RULES

from mmu_gather_conformance import asking
from mmu_gather_conformance.asking import Outcome
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.config import WIDTHS, Config
from mmu_gather_conformance.hosts import Broke, Host
from mmu_gather_conformance.interleave.lift import Untestable
from mmu_gather_conformance.interleave.witness import Witness
from mmu_gather_conformance.interleaving import CARELESS, case
from mmu_gather_conformance.lanes import lanes
from mmu_gather_conformance.litmus import Litmus, Runs
from mmu_gather_conformance.litmuses import LITMUSES
from mmu_gather_conformance.progress import Progress
from mmu_gather_conformance.recorder import Recording
from mmu_gather_conformance.report import BOTH, CaseResult, Failure, Found, Halves
from mmu_gather_conformance.scenario import FORMAT, Scenario
from mmu_gather_conformance.verdict import Verdict, worst

#: Rules that are about walkers who leave out what others owe: since v7.0 rcu_read_lock() is enough.
PROTECTS_THE_CARELESS: Final = frozenset({"walk.reader-never-a-freed-table"})
#: A witness in a terminal shows so many of its last steps.
SHOWN: Final = 10


class PortBroke(Exception):
    """The port gave no recording."""

    def __init__(self, broke: Broke) -> None:
        super().__init__(broke.detail)
        self.broke = broke


@record(frozen=True, slots=True)
class Question:
    """A litmus on an architecture: a case like any other, with an id that stays."""

    litmus: Litmus
    arch: str

    @property
    def id(self) -> str:
        """`litmus/arch`."""
        return f"{self.litmus.name}/{self.arch}"


def questions(
    archs: Iterable[str], rules: Container[str], keyword: str, /, bits: Container[int] = WIDTHS
) -> Iterator[Question]:
    """The litmus tests about these rules on these archs whose id contains every word of `keyword`.

    bits: only on machines whose words have so many.
    """
    words = keyword.split()
    for arch in archs:
        if ARCHS[arch].bits_per_long not in bits:
            continue
        for litmus in LITMUSES.values():
            if (litmus.archs and arch not in litmus.archs) or litmus.forbidden not in rules:
                continue
            question = Question(litmus, arch)
            if all(word in question.id for word in words):
                yield question


def recorded_by(host: Host, wanted: Case, /) -> Recording:
    """A recording.  Errors: PortBroke where there is none."""
    recording, _ = host.record(wanted)
    if isinstance(recording, Broke):
        raise PortBroke(recording)
    return recording


class Asker:
    """Puts litmus tests to one port."""

    def __init__(self, host: Host, port: str, era: str, rules: frozenset[str], /, halves: Halves = BOTH) -> None:
        self.host = host
        self.port = port
        self.era = era
        self.rules = rules
        self.halves = halves
        self._effects = 0
        self._seconds = 0.0
        #: what was recorded already: many litmus tests have the same gather
        self._recordings: dict[tuple[Scenario, Config], Recording] = {}

    def ask(self, question: Question, /) -> CaseResult:
        """One litmus: record, search, and put verdicts."""
        result = CaseResult(question.id, question.arch, Verdict.PASSED)
        self._effects, self._seconds = 0, 0.0
        began = time.perf_counter()
        try:
            with Progress(f"{self.port}: {question.id}") as tell:
                outcome = asking.ask(question.litmus, question.arch, self._record, tell=tell)
        except PortBroke as error:
            result.verdict, result.detail = error.broke.verdict, error.broke.detail
        except Untestable as error:
            result.verdict, result.detail = Verdict.UNTESTABLE, str(error)
        else:
            self._put_verdicts(question, outcome, result)
        result.effects, result.record_seconds = self._effects, self._seconds
        result.judge_seconds = time.perf_counter() - began - self._seconds
        return result

    def _record(self, wanted: Case) -> Recording:
        key = replace(wanted.scenario, name="", summary=""), wanted.config
        if key not in self._recordings:
            began = time.perf_counter()
            recording = self._recordings[key] = recorded_by(self.host, wanted)
            self._effects += recording.effects
            self._seconds += time.perf_counter() - began
        return self._recordings[key]

    def _put_verdicts(self, question: Question, outcome: Outcome, result: CaseResult) -> None:
        result.answer, result.states = outcome.answer, outcome.states
        result.bounds = bounds(question.litmus, outcome)
        held = {rule.id for rule in asking.rules_of(question.litmus) if self._holds(rule, question.litmus)}
        result.rules = dict.fromkeys(held, Verdict.PASSED)
        for witness in outcome.witnesses:
            rule = RULES[witness.rule or asking.DEADLOCK]
            if self._holds(rule, question.litmus):
                found = self._found(question, rule, witness)
                result.found.append(found)
                result.rules[rule.id] = worst([found.verdict, result.rules.get(rule.id, Verdict.PASSED)])
        result.verdict = worst(result.rules.values())

    def _holds(self, rule: Rule, litmus: Litmus) -> bool:
        """Whether a rule is held against the port here; not where somebody else leaves out what it relies on."""
        careless = any(part.program in CARELESS for part in litmus.parts if isinstance(part, Runs))
        if careless and rule.id == litmus.forbidden and rule.id not in PROTECTS_THE_CARELESS:
            return False
        return rule.id in self.rules and rule.level is Level.MUST and rule.binds is Binds.PORT

    def _found(self, question: Question, rule: Rule, witness: Witness) -> Found:
        finding = asking.judged(witness, self.era)
        known = witness.erratum in rule.status_in(self.era).errata
        verdict = Verdict.AS_WRITTEN if known else Verdict.VIOLATED
        at = len(witness.trace) if finding is None else finding.at
        reason = "nobody can go on" if finding is None else finding.violation.reason
        if finding is None and witness.rule is not None:
            verdict, reason = Verdict.SUITE_ERROR, "the judge finds nothing in this interleaving"
        return Found(
            rule.id, rule.level.value, rule.sentence, "; ".join(map(str, rule.sources[:1])), rule.binds.value,
            reason, witness.erratum or None, verdict, lanes(witness.trace, at, SHOWN), at,
            self._failure(question, rule, witness),
        )  # fmt: skip

    def _failure(self, question: Question, rule: Rule, witness: Witness) -> Failure:
        litmus = question.litmus
        recorded = case(litmus, litmus.gathers()[0], question.arch)
        return Failure(
            FORMAT, self.port, self.era, question.id, rule.id, recorded.scenario, asdict(recorded.config), (),
            litmus=litmus, schedule=witness.schedule, halves=self.halves,
        )  # fmt: skip


def bounds(litmus: Litmus, outcome: Outcome, /) -> str:
    """What an answer speaks about."""
    extent = "every interleaving" if outcome.complete else f"no violation within {outcome.states} states: bounded"
    cpus = litmus.online() + len(litmus.offline)
    return (
        f"{outcome.states} states of {outcome.bits} bits, {extent}; {cpus} CPUs, a batch of {litmus.batch} tables, "
        "sequential consistency between effects"
    )
