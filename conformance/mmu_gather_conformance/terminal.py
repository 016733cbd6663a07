# SPDX-License-Identifier: GPL-2.0-only
"""The report for a person at a terminal.

First the violations, each in about a dozen lines: whose fault, the rule and its sentence, the lanes with
the offending step, where the law can be read, and the command that replays it.  Then one line for each
rule that did not simply pass, then one line for each port.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from rich.console import Console
from rich.text import Text

from mmu_gather_conformance.report import CaseResult, Found, PortReport, Report
from mmu_gather_conformance.static import formats
from mmu_gather_conformance.static.verdict import PortTypes, Static
from mmu_gather_conformance.verdict import Exit, Verdict

COLOURS: Final = {
    Verdict.PASSED: "green",
    Verdict.AS_WRITTEN: "cyan",
    Verdict.VIOLATED: "red",
    Verdict.UNTESTABLE: "red",
    Verdict.EXPECTED: "yellow",
    Verdict.STALE: "yellow",
    Verdict.NOT_APPLICABLE: "dim",
    Verdict.CRASHED: "magenta",
    Verdict.TIMED_OUT: "magenta",
    Verdict.PROTOCOL_ERROR: "magenta",
    Verdict.UNSTABLE: "red",
    Verdict.SUITE_ERROR: "bold red",
}

#: What each exit code means, in the last line.
CLOSING: Final = {
    Exit.CONFORMS: "conforms",
    Exit.VIOLATED: "does not conform",
    Exit.STALE: "conforms, but the baseline is stale",
    Exit.NOTHING_RAN: "nothing ran",
    Exit.PORT_BROKE: "the port or its protocol broke",
    Exit.SUITE_BROKE: "the suite broke: please report it",
}


class Terminal:
    """Prints reports; colours where the output is a terminal."""

    def __init__(self, console: Console, /) -> None:
        self._console = console

    def line(self, text: str = "", verdict: Verdict | None = None) -> None:
        """One line, in the colour of a verdict."""
        self._console.print(Text(text, style=COLOURS[verdict] if verdict else ""), soft_wrap=True)

    def found(self, case: str, found: Found, port: str) -> None:
        """One violation, in about a dozen lines."""
        self.line(f"{found.verdict.value}: {found.whose}: {found.rule}  in {case}", found.verdict)
        if found.sentence and found.level:
            self.line(f"  {found.level}: {found.sentence}")
            self.line(f"  found: {found.reason}")
        elif found.reason:
            self.line(f"  {found.reason}")
        for lane in found.lanes:
            self.line(f"  {lane}", found.verdict if lane.startswith(">") else None)
        if found.source:
            self.line(f"  law: {found.source}")
        if found.file:
            self.line(f"  replay: mmu-gather replay {found.file} {port}")

    def port(self, report: PortReport) -> None:
        """What became of one port."""
        for case, found, others in first_of_each_rule(report):
            self.found(case, found, report.port)
            if others:
                self.line(f"  and in {others} more cases", found.verdict)
            self.line()
        for detail, verdict, ids in _broken(report.cases):
            self.line(f"{verdict.value}: {detail}  in {ids[0]}" + _more(len(ids) - 1), verdict)
        as_written = _as_written(report)
        if as_written:
            self.line(f"as written in {report.era}: " + "; ".join(as_written), Verdict.AS_WRITTEN)
        counts = ", ".join(f"{count} {verdict.value}" for verdict, count in sorted_counts(report))
        rules = report.by_rule()
        self.line(
            f"{report.port}: {len(report.cases)} cases, {len(rules)} rules: {counts or 'none ran'}",
            report.verdict,
        )
        if report.types:
            self._types(report, report.types)

    def _types(self, report: PortReport, types: PortTypes) -> None:
        """The static verdict beside each rule, and each function that is not as it should be."""
        told = dict.fromkeys(report.by_rule(), Static.OK) | report.types_by_rule
        self.line(f"{'rule':38} {'run':20} types")
        well = 0
        for rule, verdict in report.by_rule().items():
            if (verdict, told[rule]) == (Verdict.PASSED, Static.OK):
                well += 1
            else:
                bad = verdict if verdict is not Verdict.PASSED or told[rule] is Static.OK else Verdict.VIOLATED
                self.line(f"{rule:38} {verdict.value:20} {told[rule].value}", bad)
        self.line(f"{f'{well} other rules':38} {Verdict.PASSED.value:20} {Static.OK.value}")
        for line in formats.text([types]).splitlines():
            if f" {Static.OK.value:9} " not in line:
                self.line(line, None if types.good() else Verdict.VIOLATED)

    def bounds(self, report: Report) -> None:
        """What the passes speak about."""
        for line in bounds(report):
            self.line(line)

    def closing(self, code: Exit) -> None:
        """The last line."""
        self.line(CLOSING[code], Verdict.PASSED if code is Exit.CONFORMS else Verdict.VIOLATED)


def bounds(report: Report) -> Iterator[str]:
    """What the passes of a report speak about."""
    answered = [case for port in report.ports for case in port.cases if case.answer]
    if answered:
        answers = Counter(case.answer for case in answered)
        words = ", ".join(f"{answer} {answers[answer]}" for answer in ("Never", "Sometimes", "Always"))
        cut = sum(1 for case in answered if "bounded" in case.bounds)
        yield (
            f"interleaved: {len(answered)} litmus tests: {words}; {sum(case.states for case in answered)} states, "
            + (f"{cut} cut short" if cut else "every interleaving of each")
        )
    cases = [case for port in report.ports for case in port.cases if case.bounds and not case.answer]
    if cases:
        runs, effects = sum(case.runs for case in cases), sum(case.effects for case in cases)
        bounded = sum(1 for case in cases if "bounded" in case.bounds)
        yield (
            f"bounds: {runs} runs of {effects} effects; 2 CPUs, sequential consistency, the port alone; "
            f"every pattern of answers in {len(cases) - bounded} cases, bounded in {bounded}"
        )


def _more(count: int) -> str:
    return f" and {count} more" if count else ""


def sorted_counts(report: PortReport) -> list[tuple[Verdict, int]]:
    """How many cases had which verdict, in the order of the words."""
    counts = report.counts()
    return [(verdict, counts[verdict]) for verdict in Verdict if counts[verdict]]


def first_of_each_rule(report: PortReport) -> Iterator[tuple[str, Found, int]]:
    """The shortest violation of each rule, and in how many more cases it was seen."""
    kept: dict[str, list[tuple[str, Found]]] = {}
    for case in report.cases:
        for found in case.found:
            if found.verdict is not Verdict.AS_WRITTEN:
                kept.setdefault(found.rule + (found.reason if not found.level else ""), []).append((case.id, found))
    for same in kept.values():
        case_id, found = min(same, key=lambda each: each[1].steps)
        yield case_id, found, len(same) - 1


def _broken(cases: Iterable[CaseResult]) -> Iterator[tuple[str, Verdict, list[str]]]:
    """Cases that ended without any finding to show, by what happened to them."""
    grouped: dict[tuple[str, Verdict], list[str]] = {}
    for case in cases:
        shown = any(found.verdict is not Verdict.AS_WRITTEN for found in case.found)
        if case.detail and (not shown or case.verdict is Verdict.SUITE_ERROR):
            grouped.setdefault((case.detail, case.verdict), []).append(case.id)
    for (detail, verdict), ids in grouped.items():
        yield detail, verdict, ids


def _as_written(report: PortReport) -> list[str]:
    """The rules whose known defect showed, with the erratum."""
    seen: dict[str, set[str]] = {}
    for case in report.cases:
        for found in case.found:
            if found.verdict is Verdict.AS_WRITTEN:
                seen.setdefault(found.rule, set()).add(found.erratum or "")
    return [f"{rule} ({', '.join(sorted(errata))})" for rule, errata in sorted(seen.items())]
