# SPDX-License-Identifier: GPL-2.0-only
"""What a command does with a report when the run is over: save, show, and choose the exit code."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from mmu_gather_spec.record import replace
from rich.console import Console

from mmu_gather_conformance import saved
from mmu_gather_conformance.report import Report
from mmu_gather_conformance.terminal import Terminal, first_of_each_rule
from mmu_gather_conformance.verdict import EXITS, Exit

#: In the place of a rule: what a port did instead of running.
_BROKE: Final = frozenset(verdict.value for verdict, code in EXITS.items() if code is Exit.PORT_BROKE)


def console() -> Console:
    """Colour on a terminal, plain text elsewhere, never wrapped."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=True)


def save_failures(report: Report, folder: Path, /) -> None:
    """Save the run of each violation that will be shown; the report then names the file."""
    for port in report.ports:
        chosen = {id(found): saved.save(found.failure, folder) for _, found, _ in first_of_each_rule(port)}
        for case in port.cases:
            case.found = [
                replace(found, file=str(chosen[id(found)])) if id(found) in chosen else found for found in case.found
            ]


def show(report: Report, *, timings: bool) -> Exit:
    """Print a report; how the command exits."""
    terminal = Terminal(console())
    for port in report.ports:
        terminal.port(port)
        if timings and port.effects_per_second():
            microseconds = 1e6 / port.effects_per_second()
            terminal.line(f"{port.port}: recording costs {microseconds:.1f} microseconds for each effect")
    terminal.bounds(report)
    code = report.exit_code()
    terminal.closing(code)
    return code


def explore(port: str, examples: int, seed: int, archs: tuple[str, ...], folder: Path) -> Exit:
    """Put random litmus tests to a port, and show the smallest that breaks a rule."""
    from mmu_gather_conformance import exploring  # noqa: PLC0415 - hypothesis is an extra

    explored = exploring.explore(port, examples=examples, seed=seed, archs=archs)
    terminal = Terminal(console())
    count = f"{explored.examples} random litmus tests, {explored.states} states, every interleaving of each"
    terminal.line(f"{port}: {count}" + (f", {explored.untestable} untestable" if explored.untestable else ""))
    result, found = explored.result, explored.found
    if result is None:
        return Exit.CONFORMS
    if found is None:
        terminal.line(f"{result.verdict.value}: {result.detail}", result.verdict)
        return EXITS[result.verdict]
    terminal.found(result.id, replace(found, file=str(saved.save(found.failure, folder))), port)
    return EXITS[found.verdict]


def compare(one: str, other: str, examples: int, seed: int | None, archs: tuple[str, ...], folder: Path) -> Exit:
    """Compare two ports on random call sequences, and say what differs."""
    from mmu_gather_conformance.comparison import compare_ports  # noqa: PLC0415 - hypothesis is an extra

    comparison = compare_ports(one, other, examples=examples, seed_=seed, archs=archs)
    terminal = Terminal(console())
    for line in comparison.lines():
        terminal.line(line)
    if comparison.failure is None:
        return Exit.CONFORMS
    terminal.line(f"replay: mmu-gather replay {saved.save(comparison.failure, folder)}")
    broke = any(each.rule in _BROKE for each in comparison.differences)
    return Exit.PORT_BROKE if broke else Exit.VIOLATED


def compare_exactly(
    one: str, other: str, examples: int, seed: int, archs: tuple[str, ...], bits: tuple[int, ...], jobs: int
) -> Exit:
    """Compare two ports event by event, and show where they part."""
    from mmu_gather_conformance.agreement import columns, driver  # noqa: PLC0415 - only this command compares so

    found = driver.compare_exactly(one, other, examples=examples, seed=seed, archs=archs, bits=bits, jobs=jobs)
    terminal = Terminal(console())
    for line in columns.lines(found):
        terminal.line(line)
    if found.broke is not None:
        return EXITS[found.broke.verdict]
    return Exit.CONFORMS if found.parted is None else Exit.VIOLATED
