# SPDX-License-Identifier: GPL-2.0-only
"""A checker: holds one port to the rules, case by case.

For every case it has the port recorded, has the recording judged, and puts a verdict on each rule.  It does not
know which cases there are, nor what the reference makes of them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from mmu_gather_spec.events import Bug
from mmu_gather_spec.rule import Level, Rule

from mmu_gather_conformance.case import Case
from mmu_gather_conformance.hosts import Broke, Host
from mmu_gather_conformance.interleaved import Asker, Question
from mmu_gather_conformance.judge import Finding, Findings, Judge
from mmu_gather_conformance.lanes import lanes
from mmu_gather_conformance.recorder import RUN_BOUND, Recording, Run
from mmu_gather_conformance.report import BOTH, CaseResult, Failure, Found, Halves
from mmu_gather_conformance.scenario import FORMAT
from mmu_gather_conformance.verdict import Verdict, worst

#: What every pass speaks about; the scenario's own bounds are added.
MODEL: Final = "2 CPUs, sequential consistency between effects, one agent"


class Checker:
    """Holds one port to the rules, case by case."""

    def __init__(self, host: Host, port: str, era: str, rules: Sequence[Rule], /, halves: Halves = BOTH) -> None:
        self.host = host
        self.port = port
        self.era = era
        self.halves = halves
        self._judge = Judge(rules, era)
        self._ids = frozenset(rule.id for rule in rules)
        self._asker = Asker(host, port, era, self._ids, halves)

    def forget(self) -> None:
        """Let go of what the judge has learned: it is worth less than the room it takes."""
        self._judge = Judge(self._judge.rules, self.era)

    def case(self, case: Case | Question, /) -> CaseResult:
        """One case: record, judge or search, and put verdicts."""
        if isinstance(case, Question):
            return self._asker.ask(case)
        recording, seconds = self.host.record(case)
        result = CaseResult(case.id, case.config.arch, Verdict.PASSED, record_seconds=seconds)
        if isinstance(recording, Broke):
            return self._broke(case, recording, result)
        self._put_verdicts(case, recording, result)
        return result

    def _put_verdicts(self, case: Case, recording: Recording, result: CaseResult) -> None:
        """Judge a recording, and put a verdict on each rule and on the case."""
        result.runs, result.effects = len(recording.runs), recording.effects
        result.bounds = bounds(case, recording)
        began = time.perf_counter()
        findings = self._judge.judge(recording.runs, self._judging(case))
        result.judge_seconds = time.perf_counter() - began
        for rule_id, found in findings.items():
            result.rules[rule_id] = self._verdict(case, found, result)
        if case.scenario.misuse is not None:
            ended = any(isinstance(event, Bug) for run in recording.runs for event in run.trace)
            result.verdict = self._misuse(findings, ended=ended)
            result.rules = {case.scenario.misuse: result.verdict} if findings else {}
            result.found = []
        else:
            result.verdict = worst(result.rules.values())

    def _judging(self, case: Case) -> frozenset[str]:
        """The rules that this case is about: nearly always all that were asked for."""
        scenario = case.scenario
        if scenario.misuse is not None:
            return frozenset({scenario.misuse})
        return self._ids.intersection(scenario.only) if scenario.only else self._ids

    def _misuse(self, findings: dict[str, Findings], *, ended: bool) -> Verdict:
        """A caller's fault must be found, whatever the port made of it; unless BUG() ended the caller before."""
        if ended:
            return Verdict.PASSED
        seen = any(found.violation or found.known for found in findings.values())
        return Verdict.PASSED if seen else Verdict.SUITE_ERROR

    def _broke(self, case: Case, broke: Broke, result: CaseResult) -> CaseResult:
        """The port gave no recording; after a caller's fault that is its right, but not before it.

        Of a process that is gone nobody knows how far it came, so it has the benefit of the doubt.
        """
        if broke.before is not None:
            self._put_verdicts(case, broke.before, result)
        if case.scenario.misuse is not None:
            if broke.verdict in (Verdict.CRASHED, Verdict.TIMED_OUT) and result.verdict is Verdict.PASSED:
                return result
            result.rules = {}
        result.detail = broke.detail
        result.verdict = broke.verdict
        if broke.run is not None:
            result.found.append(self._broken(case, broke, broke.run))
        return result

    def _verdict(self, case: Case, found: Findings, result: CaseResult) -> Verdict:
        """The verdict of one rule in one case."""
        if found.violation is not None and found.violation.rule.level is Level.MUST:
            result.found.append(self._found(case, found.violation, Verdict.VIOLATED))
            return Verdict.VIOLATED
        if found.known is not None:
            result.found.append(self._found(case, found.known, Verdict.AS_WRITTEN))
            return Verdict.AS_WRITTEN
        return Verdict.PASSED

    def _found(self, case: Case, finding: Finding, verdict: Verdict) -> Found:
        rule, violation = finding.rule, finding.violation
        return Found(
            rule.id, rule.level.value, rule.sentence, "; ".join(map(str, rule.sources[:1])), rule.binds.value,
            violation.reason, violation.erratum, verdict, lanes(finding.run.trace, finding.at), finding.at,
            self._failure(case, rule.id, finding.run),
        )  # fmt: skip

    def _broken(self, case: Case, broke: Broke, run: Run) -> Found:
        """What to say of a crash: no rule, but a run that can be repeated."""
        return Found(
            broke.verdict.value, "", broke.detail, "", "port", broke.detail, None, broke.verdict,
            lanes(run.trace, len(run.trace)) if run.trace else (), len(run.trace), self._failure(case, "", run),
        )  # fmt: skip

    def _failure(self, case: Case, rule: str, run: Run) -> Failure:
        return Failure(
            FORMAT, self.port, self.era, case.id, rule, case.scenario, asdict(case.config), run.choices, run.fill,
            run.nested_at, halves=self.halves,
        )  # fmt: skip


def bounds(case: Case, recording: Recording, /) -> str:
    """What a pass of this case speaks about."""
    deviations = case.scenario.deviations
    bound = f"the first {RUN_BOUND} patterns" if deviations is None else f"up to {deviations} deviations"
    extent = "every pattern of answers" if recording.closed else f"{bound}: bounded"
    batch = "a batch of 3 tables" if case.config.small else f"{case.config.page_size} byte pages"
    return f"{len(recording.runs)} runs, {extent}, {batch}; {MODEL}"
