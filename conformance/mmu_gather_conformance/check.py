# SPDX-License-Identifier: GPL-2.0-only
"""The suite as a function: `check("so:./libmine.so")` holds a port to the rules and returns a report.

It needs neither pytest nor a terminal; the command and the tests are thin over it.  Every case goes through a
`Checker`.  Where a rule is violated the reference is run on the same case, so that a fault of the suite is not
blamed on the port.
"""

from __future__ import annotations

import fnmatch
import gc
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, Final

from mmu_gather_spec import EDITION
from mmu_gather_spec.eras import DEFAULT_ERA, ERAS
from mmu_gather_spec.rule import Rule
from mmu_gather_spec.rules import RULES

from mmu_gather_conformance import ports
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.cases import cases
from mmu_gather_conformance.checker import Checker
from mmu_gather_conformance.config import CONFIGS, WIDTHS
from mmu_gather_conformance.hosts import Broke, Described, Host, InProcess, Nowhere
from mmu_gather_conformance.image import ProtocolError
from mmu_gather_conformance.interleaved import Question, questions
from mmu_gather_conformance.report import BOTH, CaseResult, Halves, PortReport, Report
from mmu_gather_conformance.verdict import Verdict
from mmu_gather_conformance.worker_host import InWorker

#: After so many cases what the ports have left is collected.
SWEEP: Final = 50


def rules_for(era: str, pattern: str = "*", /) -> list[Rule]:
    """The rules that an era's ports are held to, whose ids match a glob."""
    return [rule for rule in RULES.values() if rule.status_in(era).judges() and fnmatch.fnmatch(rule.id, pattern)]


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
    bits: tuple[int, ...] = WIDTHS,
    halves: Halves = BOTH,
    in_process: bool = False,
    seconds: float = 20.0,
    tell: Callable[[CaseResult], None] = lambda result: None,
) -> PortReport:
    """Hold one port to the rules.

    port: as it is typed, such as `so:./libmine.so`.  archs: names; none for all that the port has.
    era: the era to hold it to, if not its own.  rule: a glob over rule ids.  keyword: words that a case id
    must contain.  bits: only on machines whose words have so many.  halves: which of its halves to use.
    in_process: run it in this process, for a debugger.  seconds: how long one case may take.
    tell: called with each result as it comes.
    Errors: ports.UnknownPort for a name that stands for nothing.
    """
    host, known, trouble = open_host(port, era, halves, seconds, in_process=in_process)
    era = era or known.era
    wanted = tuple(archs) or known.archs
    rules = rules_for(era, rule)
    ids = {each.id for each in rules}
    there = [arch for arch in wanted if arch in known.archs]
    widths = [each for each in bits if each in known.bits]
    declared: list[Case | Question] = [case for case in cases(there, era, keyword, bits=widths) if _concerns(case, ids)]
    declared += questions(there, ids, keyword, bits=widths)
    report = PortReport(port, era, [], tuple(case.id for case in declared), version=known.version)
    reference = _Reference(era, rules)
    checker = Checker(host, port, era, rules, halves)
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
    return port.partition(":")[0] in ("ref", "mutant", "variant", "automatic")


def _concerns(case: Case, ids: set[str]) -> bool:
    """Whether a case has anything to say about these rules."""
    about = {case.scenario.misuse} if case.scenario.misuse else set(case.scenario.only)
    return not about or not about.isdisjoint(ids)


def open_host(
    port: str, era: str | None, halves: tuple[str, ...], seconds: float, *, in_process: bool
) -> tuple[Host, Described, Broke | None]:
    """Where the port runs, what it is for, and what is wrong if it cannot even be loaded.

    What ships with the suite does not crash, so it needs no process of its own.  Anything else is loaded by its
    worker alone: even its import may break.  A kernel's era is read in its text; one that cannot be read may be of any,
    and the newest has every arch that a user may have asked for.
    """
    presumed = era or (next(reversed(ERAS)) if port.startswith("linux:") else DEFAULT_ERA)
    fallback = Described(ports.reference(presumed, "").archs, presumed)
    if in_process or ships_with_the_suite(port):
        try:
            opened = ports.open_port(port, era, halves)
        except ProtocolError as error:
            return Nowhere(), fallback, Broke(Verdict.PROTOCOL_ERROR, str(error))
        return InProcess(opened), Described(opened.archs, opened.era, opened.bits, opened.version), None
    worker = InWorker(port, era, halves, seconds)
    known = worker.described()
    if isinstance(known, Broke):
        return worker, fallback, known
    return worker, known._replace(era=era or known.era), None


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
    for name in names:
        ports.prepare(name)
    groups = [tuple(archs)] if jobs == 1 else [(arch,) for arch in tuple(archs) or CONFIGS]
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
        whole.era, whole.version = part.era, part.version
        whole.cases.extend(part.cases)
        whole.declared += part.declared
        tell(part)
    report.complete = True
    return report
