# SPDX-License-Identifier: GPL-2.0-only
"""Replay: one saved run again, on the port it is of or on another, with every step shown.

A run is its answers, so repeating it needs nothing but the file and the port.
"""

from __future__ import annotations

from mmu_gather_spec.rules import RULES
from msgspec.structs import replace

from mmu_gather_conformance import ports
from mmu_gather_conformance.cases import Case
from mmu_gather_conformance.check import rules_for
from mmu_gather_conformance.config import Config
from mmu_gather_conformance.hosts import Broke, Host, InProcess, InWorker, One
from mmu_gather_conformance.image import ProtocolError
from mmu_gather_conformance.judge import Findings, judge
from mmu_gather_conformance.lanes import lanes
from mmu_gather_conformance.recorder import Run
from mmu_gather_conformance.report import Failure
from mmu_gather_conformance.rescheduling import reschedule
from mmu_gather_conformance.verdict import EXITS, Exit


def replay(failure: Failure, port: str, *, in_process: bool = False) -> tuple[list[str], Exit]:
    """The lines to print, and how to exit: violated if the rule is violated again.

    Errors: TypeError where the file's configuration has unknown members.
    """
    if failure.against:
        from mmu_gather_conformance.comparison import replay_comparison  # noqa: PLC0415 - hypothesis is an extra

        differences = replay_comparison(replace(failure, port=port))
        if not differences:
            return [f"{port} and {failure.against} no longer differ here"], Exit.CONFORMS
        return differences, Exit.VIOLATED
    case = Case(failure.scenario, Config(**failure.config))  # type: ignore[arg-type]  # checked when it was saved
    host: Host
    try:
        host = (
            InProcess(ports.open_port(port, failure.era))
            if in_process
            else InWorker(port, failure.era, ("generic", "arch"))
        )
    except ProtocolError as error:
        return [f"protocol-error: {error}"], Exit.PORT_BROKE
    try:
        if failure.litmus is not None:
            return _interleaving(failure, port, host)
        recording, _ = host.record(case, One(failure.choices, failure.fill, failure.nested_at))
    finally:
        host.close()
    if isinstance(recording, Broke):
        shown = lanes(recording.run.trace, len(recording.run.trace)) if recording.run else ()
        return [f"{recording.verdict.value}: {recording.detail}", *shown], EXITS[recording.verdict]
    wanted = [RULES[failure.rule]] if failure.rule in RULES else rules_for(failure.era)
    found = judge(recording.runs, wanted, failure.era)
    return _lines(failure, port, recording.runs[0], found)


def _interleaving(failure: Failure, port: str, host: Host) -> tuple[list[str], Exit]:
    """The schedule of a file once more, and what the judge makes of it."""
    again = reschedule(failure, host)
    if isinstance(again, tuple):
        return again
    run = Run((), 0, again.trace)
    lines, code = _lines(failure, port, run, judge([run], [RULES[failure.rule]], failure.era))
    return [*([again.note] if again.note else []), *lines], code


def _lines(failure: Failure, port: str, run: Run, found: dict[str, Findings]) -> tuple[list[str], Exit]:
    """The whole run, and what each rule makes of it."""
    findings = [each for findings in found.values() for each in (findings.violation, findings.known) if each]
    at = min((finding.at for finding in findings), default=len(run.trace))
    lines = [
        f"{failure.case}: {port}, era {failure.era}, answers {list(run.choices)}",
        *lanes(run.trace, at, len(run.trace)),
    ]
    code = Exit.CONFORMS
    for rule, each in found.items():
        if each.violation is not None:
            code = Exit.VIOLATED
            lines += [
                f"violated: {rule}: {RULES[rule].sentence}",
                f"  found: {each.violation.violation.reason}",
            ]
        elif each.known is not None:
            lines.append(f"passed (as-written): {rule}: {each.known.violation.reason} ({each.known.violation.erratum})")
    if not findings:
        lines.append(f"passed: {failure.rule or 'every rule'}")
    return lines, code
