# SPDX-License-Identifier: GPL-2.0-only
"""Verdicts and exit codes: where several things happened, the graver decides."""

from __future__ import annotations

from itertools import combinations

import pytest
from mmu_gather_conformance.check import check
from mmu_gather_conformance.report import CaseResult, PortReport, Report
from mmu_gather_conformance.verdict import EXITS, Exit, Verdict, exit_code, worst
from mmu_gather_spec.rule import Level, Violation
from mmu_gather_spec.rules import RULES

#: Exit codes from the gravest down, and a verdict for each that has one.
GRAVITY = {
    Exit.SUITE_BROKE: Verdict.SUITE_ERROR,
    Exit.PORT_BROKE: Verdict.CRASHED,
    Exit.VIOLATED: Verdict.VIOLATED,
    Exit.STALE: Verdict.STALE,
    Exit.CONFORMS: Verdict.PASSED,
}


@pytest.mark.parametrize(("graver", "lesser"), list(combinations(GRAVITY, 2)))
def test_the_graver_exit_code_wins(graver: Exit, lesser: Exit) -> None:
    """6 > 5 > 1 > 3 > 0, in whatever order they came."""
    both = [GRAVITY[lesser], GRAVITY[graver]]
    assert [exit_code(both), exit_code(reversed(both))] == [graver, graver]


def test_where_nothing_ran_nothing_conforms() -> None:
    """No verdict is not a pass; and any verdict is more than none."""
    assert exit_code([]) is Exit.NOTHING_RAN
    assert [int(code) for code in Exit] == [0, 1, 2, 3, 4, 5, 6]


def test_every_verdict_has_its_exit_code() -> None:
    """Untestable and unstable count as violated; crashed, timed-out and protocol-error as broken."""
    by_exit = {code: {verdict for verdict in Verdict if EXITS[verdict] is code} for code in set(EXITS.values())}
    assert by_exit == {
        Exit.CONFORMS: {Verdict.PASSED, Verdict.AS_WRITTEN, Verdict.EXPECTED, Verdict.NOT_APPLICABLE},
        Exit.VIOLATED: {Verdict.VIOLATED, Verdict.UNTESTABLE, Verdict.UNSTABLE},
        Exit.STALE: {Verdict.STALE},
        Exit.PORT_BROKE: {Verdict.CRASHED, Verdict.TIMED_OUT, Verdict.PROTOCOL_ERROR},
        Exit.SUITE_BROKE: {Verdict.SUITE_ERROR},
    }


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_worst_of_one_verdict_is_itself(verdict: Verdict) -> None:
    """None is left out of the order; and any is as bad as passed, or worse, but for what does not apply."""
    assert worst([verdict]) is verdict
    assert worst([Verdict.PASSED, verdict]) is (Verdict.PASSED if verdict is Verdict.NOT_APPLICABLE else verdict)


def test_the_worst_of_nothing_is_passed() -> None:
    """A case in which no rule had anything to say."""
    assert worst([]) is Verdict.PASSED


PASSED = CaseResult("one/hash64", "hash64", Verdict.PASSED)


@pytest.mark.parametrize(
    ("declared", "complete", "code"),
    [
        (("one/hash64",), True, Exit.CONFORMS),
        (("one/hash64", "two/hash64"), True, Exit.SUITE_BROKE),
        (("one/hash64",), False, Exit.SUITE_BROKE),
    ],
    ids=["all reported", "one never reported", "the run was broken off"],
)
def test_a_report_passes_only_where_every_declared_case_reported(
    declared: tuple[str, ...], complete: bool, code: Exit
) -> None:
    """A case that is missing is not a case that passed."""
    report = Report("2026.1", [PortReport("ref", "rfc-2010", [PASSED], declared)], complete=complete)
    assert report.exit_code() is code


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [(rule.id, Verdict.PASSED) for rule in RULES.values() if rule.level is not Level.MUST]
    + [("batch.fits-a-page", Verdict.SUITE_ERROR)],
)
def test_what_a_rule_only_allows_is_never_a_violation(
    rule: str, verdict: Verdict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever its monitor finds.  A MUST with such a monitor would be broken by the reference itself."""
    monkeypatch.setattr(RULES[rule].monitor, "step", lambda state, event: Violation("otherwise", event))
    (result,) = check("ref", archs=("hash64",), keyword="batch-full/hash64/small", rule=rule).cases
    assert result.rules == {rule: verdict}
    assert result.verdict is verdict
