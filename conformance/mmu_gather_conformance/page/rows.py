# SPDX-License-Identifier: GPL-2.0-only
"""The rows of a page: what became of each rule on each arch, and what went wrong beside the rules.

A row has the gravest verdict of its cases, and the shortest finding that shows it.  The gravest rows come first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mmu_gather_spec.arch import ARCHS
from mmu_gather_spec.record import record
from mmu_gather_spec.rules import RULES

from mmu_gather_conformance.report import CaseResult, Found, PortReport
from mmu_gather_conformance.verdict import EXITS, Exit, Verdict, gravity, worst

#: Cases that a row names; of more it says how many there are.
NAMED: Final = 12


@record(frozen=True, slots=True)
class Row:
    """One rule on one arch; or, where `rule` is empty, what happened to cases there instead of a verdict."""

    rule: str
    arch: str
    verdict: Verdict
    #: how many cases had something to say
    cases: int
    #: those of them that are no plain pass, as far as the verdict is this row's
    named: tuple[str, ...] = ()
    found: Found | None = None
    #: the case that it was found in
    case: str = ""
    detail: str = ""

    @property
    def more(self) -> int:
        """How many such cases are not named."""
        return max(0, len(self.named) - NAMED)


def rows(report: PortReport, /) -> list[Row]:
    """All rows of a port, the gravest first."""
    found = [*_of_rules(report.cases), *_of_cases(report.cases)]
    rules, archs = list(RULES), list(ARCHS)
    return sorted(
        found,
        key=lambda row: (gravity(row.verdict), rules.index(row.rule) if row.rule else -1, archs.index(row.arch)),
    )


def _of_rules(cases: list[CaseResult]) -> Iterator[Row]:
    by_rule: dict[tuple[str, str], list[CaseResult]] = {}
    for case in cases:
        for rule in case.rules:
            by_rule.setdefault((rule, case.arch), []).append(case)
    for (rule, arch), judged in by_rule.items():
        verdict = worst(case.rules[rule] for case in judged)
        alike = [case for case in judged if case.rules[rule] is verdict]
        seen = [(case.id, each) for case in alike for each in case.found if each.rule == rule]
        case_id, found = min(seen, key=lambda each: each[1].steps, default=("", None))
        named = () if verdict is Verdict.PASSED else tuple(case.id for case in alike)
        detail = "" if found else next((case.detail for case in alike if case.detail), "")
        yield Row(rule, arch, verdict, len(judged), named, found, case_id, detail)


def _of_cases(cases: list[CaseResult]) -> Iterator[Row]:
    """Cases whose own verdict comes from none of their rules: the port broke, or nobody can say."""
    kept: dict[tuple[str, Verdict, str], list[CaseResult]] = {}
    for case in cases:
        if not case.rules or gravity(case.verdict) < gravity(worst(case.rules.values())):
            kept.setdefault((case.arch, case.verdict, case.detail), []).append(case)
    for (arch, verdict, detail), alike in kept.items():
        if EXITS[verdict] is Exit.CONFORMS and not detail:
            continue  # a case that has nothing to say of any rule that was asked for
        seen = [(case.id, each) for case in alike for each in case.found if not each.level]
        case_id, found = min(seen, key=lambda each: each[1].steps, default=("", None))
        yield Row("", arch, verdict, len(alike), tuple(case.id for case in alike), found, case_id, detail)
