# SPDX-License-Identifier: GPL-2.0-only
"""Replay: one saved run again, on the port it is of or on another, with every step shown.

A run is its answers, so repeating it needs nothing but the file and the port.  What comes of it can be printed,
stepped through or drawn: all three need the trace, the step that offends, and the rule.
"""

from __future__ import annotations

import dataclasses

from mmu_gather_spec import events as ev
from mmu_gather_spec.record import record, replace
from mmu_gather_spec.rule import Rule
from mmu_gather_spec.rules import RULES

from mmu_gather_conformance import ports
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.check import rules_for
from mmu_gather_conformance.config import Config
from mmu_gather_conformance.hosts import Broke, Host, InProcess, One
from mmu_gather_conformance.image import ProtocolError
from mmu_gather_conformance.judge import Findings, judge
from mmu_gather_conformance.lanes import all_lanes
from mmu_gather_conformance.lanes.seed_lines import seed_lines
from mmu_gather_conformance.recorder import Run
from mmu_gather_conformance.report import Failure
from mmu_gather_conformance.rescheduling import reschedule
from mmu_gather_conformance.verdict import EXITS, Exit
from mmu_gather_conformance.worker_host import InWorker


@record(frozen=True, slots=True)
class Replayed:
    """What came of it: a trace, unless two ports were compared or the port broke before it did anything."""

    exit: Exit
    #: what is said before the steps, and after them
    head: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    trace: tuple[ev.AnyEvent, ...] = ()
    #: the step that offends; len(trace) where none does, or where it is the end
    at: int = 0
    rule: Rule | None = None

    def lines(self) -> list[str]:
        """All of it, to be printed."""
        steps = all_lanes(self.trace, self.at, seed_lines(self.trace)) if self.trace else ()
        return [*self.head, *steps, *self.verdicts]


def replay(failure: Failure, port: str, *, in_process: bool = False) -> tuple[list[str], Exit]:
    """The lines to print, and how to exit: violated if the rule is violated again.

    Errors: TypeError where the file's configuration has unknown members.
    """
    replayed = repeat(failure, port, in_process=in_process)
    return replayed.lines(), replayed.exit


def repeat(failure: Failure, port: str, *, in_process: bool = False) -> Replayed:
    """The run again.

    Errors: TypeError where the file's configuration has unknown members.
    """
    if failure.against:
        return _compared(failure, port)
    host: Host
    try:
        host = (
            InProcess(ports.open_port(port, failure.era, failure.halves))
            if in_process
            else InWorker(port, failure.era, failure.halves)
        )
    except ProtocolError as error:
        return Replayed(Exit.PORT_BROKE, (f"protocol-error: {error}",))
    try:
        return repeat_on(host, failure, port)
    finally:
        host.close()


def repeat_on(host: Host, failure: Failure, port: str) -> Replayed:
    """The run again, where the port is running already.  port: what it is called there.

    Errors: TypeError where the file's configuration has unknown members.
    """
    case = Case(failure.scenario, Config(**failure.config))  # type: ignore[arg-type]  # checked when it was saved
    if failure.litmus is not None:
        return _interleaving(failure, port, host)
    recording, _ = host.record(case, One(failure.choices, failure.fill, failure.nested_at))
    if isinstance(recording, Broke):
        trace = recording.run.trace if recording.run else ()
        head = f"{recording.verdict.value}: {recording.detail}"
        return Replayed(EXITS[recording.verdict], (head,), trace=trace, at=len(trace))
    wanted = [RULES[failure.rule]] if failure.rule in RULES else rules_for(failure.era)
    run = recording.runs[0]
    found = judge([run], wanted, failure.era)
    compared = failure.fill or failure.nested_at  # such a run is kept only where it differs from another
    if failure.rule in found and (compared or not _says(found[failure.rule])):
        run = _beside_others(host, case, failure) or run
        found = judge([run], wanted, failure.era)
    return _judged(failure, port, run, found)


def _says(found: Findings) -> bool:
    """Whether anything was found."""
    return bool(found.violation or found.known)


def _beside_others(host: Host, case: Case, failure: Failure) -> Run | None:
    """The run as it is when the whole case is recorded.

    What is found by comparing runs, such as with another filling, stands in a run only then.
    """
    recording, _ = host.record(case)
    if isinstance(recording, Broke):
        return None
    asked = failure.choices, failure.fill, failure.nested_at
    alike = (run for run in recording.runs if (run.choices, run.fill, run.nested_at) == asked)
    return next((run for run in alike if _says(judge([run], [RULES[failure.rule]], failure.era)[failure.rule])), None)


def _interleaving(failure: Failure, port: str, host: Host) -> Replayed:
    """The schedule of a file once more, and what the judge makes of it."""
    again = reschedule(failure, host)
    if isinstance(again, tuple):
        lines, code = again
        return Replayed(code, tuple(lines))
    run = Run((), 0, again.trace)
    judged = _judged(failure, port, run, judge([run], [RULES[failure.rule]], failure.era))
    return dataclasses.replace(judged, head=(*([again.note] if again.note else []), *judged.head))


def _compared(failure: Failure, port: str) -> Replayed:
    """Two ports on one random sequence: there is no one run to show."""
    from mmu_gather_conformance.comparison import replay_comparison  # noqa: PLC0415 - hypothesis is an extra

    differences = replay_comparison(replace(failure, port=port))
    if not differences:
        return Replayed(Exit.CONFORMS, (f"{port} and {failure.against} no longer differ here",))
    return Replayed(Exit.VIOLATED, tuple(differences))


def _judged(failure: Failure, port: str, run: Run, found: dict[str, Findings]) -> Replayed:
    """The whole run, and what each rule makes of it."""
    violations = [each.violation for each in found.values() if each.violation]
    known = [each.known for each in found.values() if each.known]
    first = min(violations or known, key=lambda finding: finding.at, default=None)
    code = Exit.VIOLATED if violations else Exit.CONFORMS
    verdicts: list[str] = []
    for rule, each in found.items():
        if each.violation is not None:
            verdicts += [
                f"violated: {rule}: {RULES[rule].sentence}",
                f"  found: {each.violation.violation.reason}",
            ]
        elif each.known is not None:
            verdicts.append(
                f"passed (as-written): {rule}: {each.known.violation.reason} ({each.known.violation.erratum})"
            )
    if not verdicts:
        verdicts.append(f"passed: {failure.rule or 'every rule'}")
    took = f"{len(failure.schedule)} steps" if failure.schedule else f"answers {list(run.choices)}"
    half = f" (its {failure.alone} alone)" if failure.alone else ""
    head = f"{failure.case}: {port}{half}, era {failure.era}, {took}"
    at, offended = (first.at, first.rule) if first else (len(run.trace), None)
    return Replayed(code, (head,), tuple(verdicts), run.trace, at, offended)
