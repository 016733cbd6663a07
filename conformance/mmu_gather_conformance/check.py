# SPDX-License-Identifier: GPL-2.0-only
"""The suite as a function: `check("so:./libmine.so")` holds a port to the rules and returns a report.

It needs neither pytest nor a terminal; the command and the tests are thin over it.  For every case it has
the port recorded, has the recording judged, and puts a verdict on each rule.  Where a rule is violated the
reference is run on the same case, so that a fault of the suite is not blamed on the port.
"""

from __future__ import annotations

import fnmatch
import gc
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from typing import Any, Final

from mmu_gather_spec import EDITION
from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.events import Bug
from mmu_gather_spec.rule import Level, Rule
from mmu_gather_spec.rules import RULES

from mmu_gather_conformance import ports
from mmu_gather_conformance.cases import ARCH_NAMES, Case, cases
from mmu_gather_conformance.hosts import Broke, Host, InProcess, InWorker, Nowhere
from mmu_gather_conformance.image import ProtocolError
from mmu_gather_conformance.interleaved import Asker, Question, questions
from mmu_gather_conformance.judge import Finding, Findings, Judge
from mmu_gather_conformance.lanes import lanes
from mmu_gather_conformance.recorder import RUN_BOUND, Recording, Run
from mmu_gather_conformance.report import CaseResult, Failure, Found, PortReport, Report
from mmu_gather_conformance.scenario import FORMAT
from mmu_gather_conformance.verdict import Verdict, worst

#: After so many cases what the ports have left is collected.
SWEEP: Final = 50
#: What every pass speaks about; the scenario's own bounds are added.
MODEL: Final = "2 CPUs, sequential consistency between effects, one agent"


def rules_for(era: str, pattern: str = "*", /) -> list[Rule]:
    """The rules that an era's ports are held to, whose ids match a glob."""
    return [rule for rule in RULES.values() if rule.status_in(era).judges() and fnmatch.fnmatch(rule.id, pattern)]


class Checker:
    """Holds one port to the rules, case by case."""

    def __init__(self, host: Host, port: str, era: str, rules: Sequence[Rule], /) -> None:
        self.host = host
        self.port = port
        self.era = era
        self._judge = Judge(rules, era)
        self._ids = frozenset(rule.id for rule in rules)
        self._asker = Asker(host, port, era, self._ids)

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
            run.nested_at,
        )  # fmt: skip


def bounds(case: Case, recording: Recording, /) -> str:
    """What a pass of this case speaks about."""
    deviations = case.scenario.deviations
    bound = f"the first {RUN_BOUND} patterns" if deviations is None else f"up to {deviations} deviations"
    extent = "every pattern of answers" if recording.closed else f"{bound}: bounded"
    batch = "a batch of 3 tables" if case.config.small else f"{case.config.page_size} byte pages"
    return f"{len(recording.runs)} runs, {extent}, {batch}; {MODEL}"


class _Reference:
    """The reference beside a failing case: does it fail the same rule?"""

    def __init__(self, era: str, rules: Sequence[Rule]) -> None:
        self._checker = Checker(InProcess(ports.reference(era, f"ref:{era}")), f"ref:{era}", era, rules)
        self._known: dict[str, CaseResult] = {}

    def fails(self, case: Case | Question, rule: str) -> bool:
        """Whether the reference violates `rule` in `case`."""
        return self._result(case).rules.get(rule) is Verdict.VIOLATED

    def passes(self, case: Case | Question) -> bool:
        """Whether all is as it should be with the reference in `case`."""
        return self._result(case).verdict is Verdict.PASSED

    def _result(self, case: Case | Question) -> CaseResult:
        if case.id not in self._known:
            self._known[case.id] = self._checker.case(case)
        return self._known[case.id]


def check(
    port: str,
    *,
    archs: Iterable[str] = (),
    era: str | None = None,
    rule: str = "*",
    keyword: str = "",
    halves: tuple[str, ...] = ("generic", "arch"),
    in_process: bool = False,
    seconds: float = 20.0,
    tell: Callable[[CaseResult], None] = lambda result: None,
) -> PortReport:
    """Hold one port to the rules.

    port: as it is typed, such as `so:./libmine.so`.  archs: names; none for all that the port has.
    era: the era to hold it to, if not its own.  rule: a glob over rule ids.  keyword: words that a case id
    must contain.  halves: which of its halves to use.  in_process: run it in this process, for a debugger.
    seconds: how long one case may take.  tell: called with each result as it comes.
    Errors: ports.UnknownPort for a name that stands for nothing.
    """
    host, known_archs, own_era, trouble = _open(port, era, halves, seconds, in_process=in_process)
    era = era or own_era
    wanted = tuple(archs) or known_archs
    rules = rules_for(era, rule)
    ids = {each.id for each in rules}
    there = [arch for arch in wanted if arch in known_archs]
    declared: list[Case | Question] = [case for case in cases(there, era, keyword) if _concerns(case, ids)]
    declared += questions(there, ids, keyword)
    report = PortReport(port, era, [], tuple(case.id for case in declared))
    reference = _Reference(era, rules)
    checker = Checker(host, port, era, rules)
    gc.disable()  # traces and monitors' states hold no cycles, and there are many of them
    gc.freeze()  # what is there by now stays, and need not be looked at again
    sweep = iter(range(1, len(declared) + 1))
    try:
        for case in declared:
            if trouble:
                result = CaseResult(case.id, case.arch, trouble.verdict, trouble.detail)
            else:
                result = checker.case(case)
            _blame(result, case, reference)
            report.cases.append(result)
            tell(result)
            if next(sweep) % SWEEP == 0:
                gc.collect()  # a port's modules do hold cycles
                checker.forget()
    finally:
        gc.unfreeze()
        gc.enable()
        host.close()
    return report


def ships_with_the_suite(port: str, /) -> bool:
    """Whether a port is the suite's own: then it does not crash."""
    return port.partition(":")[0] in ("ref", "mutant", "variant")


def _concerns(case: Case, ids: set[str]) -> bool:
    """Whether a case has anything to say about these rules."""
    about = {case.scenario.misuse} if case.scenario.misuse else set(case.scenario.only)
    return not about or not about.isdisjoint(ids)


def _open(
    port: str, era: str | None, halves: tuple[str, ...], seconds: float, *, in_process: bool
) -> tuple[Host, tuple[str, ...], str, Broke | None]:
    """Where the port runs, its archs and era, and what is wrong if it cannot even be loaded.

    What ships with the suite does not crash, so it needs no process of its own.  Anything else is loaded by its
    worker alone: even its import may break.
    """
    fallback = ports.reference(era or DEFAULT_ERA, "").archs
    if in_process or ships_with_the_suite(port):
        try:
            opened = ports.open_port(port, era, halves)
        except ProtocolError as error:
            return Nowhere(), fallback, era or DEFAULT_ERA, Broke(Verdict.PROTOCOL_ERROR, str(error))
        return InProcess(opened), opened.archs, opened.era, None
    worker = InWorker(port, era, halves, seconds)
    known = worker.archs()
    if isinstance(known, Broke):
        return worker, fallback, era or DEFAULT_ERA, known
    return worker, known, era or DEFAULT_ERA, None


def _blame(result: CaseResult, case: Case | Question, reference: _Reference) -> None:
    """Where the reference fails, too, the suite is at fault; and only there."""
    misuse = None if isinstance(case, Question) else case.scenario.misuse
    if misuse is not None and result.verdict is Verdict.SUITE_ERROR and reference.passes(case):
        # The caller's fault can be seen.  This port made nothing of it that shows, as one may that loses its tables.
        result.verdict, result.rules = Verdict.PASSED, {misuse: Verdict.PASSED}
    for rule_id, verdict in result.rules.items():
        if verdict is Verdict.VIOLATED and reference.fails(case, rule_id):
            result.rules[rule_id] = Verdict.SUITE_ERROR
            result.detail = f"the reference fails {rule_id} here as well: please report it"
            result.verdict = Verdict.SUITE_ERROR


def _task(options: dict[str, Any]) -> PortReport:
    return check(**options)


def check_all(
    names: Sequence[str],
    *,
    archs: Iterable[str] = (),
    jobs: int = 1,
    tell: Callable[[PortReport], None] = lambda report: None,
    **options: Any,
) -> Report:
    """Hold several ports to the rules; the options are `check`'s own.

    jobs: how many processes to use; each takes one port on one arch at a time.
    tell: called with the report of each such part as it ends.
    """
    groups = [tuple(archs)] if jobs == 1 else [(arch,) for arch in tuple(archs) or ARCH_NAMES]
    tasks = [{"port": name, "archs": group, **options} for name in names for group in groups]
    report = Report(EDITION, [PortReport(name, "") for name in names])
    merged = {port.port: port for port in report.ports}
    if jobs == 1:
        parts: Iterable[PortReport] = map(_task, tasks)
    else:
        # What runs in a worker takes longest; if it begins last, one CPU waits at the end.
        tasks.sort(key=lambda task: ships_with_the_suite(task["port"]))
        # Forked: this process has no threads, and has imported what the others need.
        pool = ProcessPoolExecutor(jobs, get_context("fork"))
        parts = pool.map(_task, tasks)
    for part in parts:
        whole = merged[part.port]
        whole.era = part.era
        whole.cases.extend(part.cases)
        whole.declared += part.declared
        tell(part)
    report.complete = True
    return report
