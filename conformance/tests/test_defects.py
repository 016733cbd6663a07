# SPDX-License-Identifier: GPL-2.0-only
"""Each erratum is shown by the soonest case that there is, and that it was mended is found by running."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import pytest
from litmus_answers import committed
from mmu_gather_conformance import cases, defects, one_case, ports
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.check import rules_for
from mmu_gather_conformance.checker import Checker
from mmu_gather_conformance.defects import SHOWN
from mmu_gather_conformance.hosts import InProcess
from mmu_gather_conformance.interleaved import Question, questions
from mmu_gather_conformance.replaying import repeat
from mmu_gather_conformance.report import Found
from mmu_gather_conformance.scenarios import SCENARIOS
from mmu_gather_conformance.verdict import Exit, Verdict
from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.errata import ERRATA
from mmu_gather_spec.events import Booted
from mmu_gather_spec.history import known_in, mended_in
from mmu_gather_spec.rules import RULES

#: Rules that break where the harm is done: something is used that is gone, or flushed for nothing.  A defect that
#: comes to that is shown by it, and not by what led there.
HARM: Final = frozenset(
    {
        "walk.never-a-freed-table",
        "walk.hardware-never-a-freed-table",
        "walk.no-access-to-a-freed-page",
        "walk.no-access-to-a-page-taken-back",
        "walk.never-a-lock-that-is-gone",
        "walk.never-a-reused-table",
        "order.gate-closed-when-clean",
    }
)


def everything(era: str) -> Iterator[Found]:
    """Every known defect that any case shows of an era's reference.

    Of litmus tests only those are asked that the committed answers name, and none of which is about another rule.
    """
    name, errata = defects.port_of(era), {number for number in SHOWN if defects.era_of(number) == era}
    port, rules = ports.open_port(name), {rule for number in errata for rule in defects.rules_of(number)}
    checker = Checker(InProcess(port), name, era, [rule for rule in rules_for(era) if rule.id in rules])
    answers = committed().get(name, {})
    asked: list[Case | Question] = [*cases.cases(port.archs, era)]
    for question in questions(port.archs, rules, ""):
        answer = answers.get(question.litmus.name, {}).get(question.arch)
        if answer is None or errata.intersection(answer.get("errata", ())):
            asked.append(question)
    for case in asked:
        yield from (found for found in checker.case(case).found if found.erratum in errata)


def rank(found: Found, era: str) -> tuple[bool, int]:
    """Rules that break where the harm is done come first; of these, the one that the fewest defects break."""
    return found.rule not in HARM, len(RULES[found.rule].status_in(era).errata)


def length(found: Found) -> int:
    """How many moves an interleaving takes, or how many steps a run."""
    return len(found.failure.schedule) or found.steps


def test_each_erratum_has_a_run_unless_it_is_about_what_is_built() -> None:
    assert [number for number in ERRATA if number not in SHOWN] == ["S10"]
    assert [number for number in ERRATA if defects.is_built(number)] == ["S10"]
    assert set(SHOWN) < set(ERRATA)


def test_where_the_port_is_alone_there_is_a_reason() -> None:
    """A sentence; where somebody else is needed he is in the litmus."""
    alone = [number for number, shown in SHOWN.items() if shown.alone]
    assert alone == [number for number, shown in SHOWN.items() if shown.case.partition("/")[0] in SCENARIOS]
    assert alone == ["S7", "S8", "S19", "S20"]
    assert all(re.fullmatch(r"[A-Z][^.]+\.", SHOWN[number].alone) for number in alone)


@pytest.mark.parametrize("era", dict.fromkeys(map(defects.era_of, SHOWN)))
def test_no_case_of_any_arch_shows_an_erratum_sooner(era: str) -> None:
    """Everything is searched again, the recorded port and the interleavings; a run that is shorter has to be taken."""
    seen: dict[str, list[Found]] = {}
    for found in everything(era):
        seen.setdefault(str(found.erratum), []).append(found)
    ours = {number: defects.found(number) for number in SHOWN if defects.era_of(number) == era}
    assert set(seen) == set(ours)
    for number, one in ours.items():
        best = min(seen[number], key=lambda each: (rank(each, era), length(each)))
        assert (rank(one, era), length(one)) == (rank(best, era), length(best)), best.failure.case


@pytest.mark.parametrize("number", SHOWN)
def test_an_erratum_is_shown_at_its_step_in_the_first_era_that_can(number: str) -> None:
    """In the era that ports are held to, or in the first that knows it; as written, and by its own number."""
    found, shown, era = defects.found(number), SHOWN[number], defects.era_of(number)
    assert (found.failure.case, found.rule, found.steps) == (shown.case, shown.rule, shown.step)
    assert (found.erratum, found.verdict) == (number, Verdict.AS_WRITTEN)
    assert found.failure.era == era
    assert era == (DEFAULT_ERA if DEFAULT_ERA in known_in(number) else known_in(number)[0])


@pytest.mark.parametrize("number", SHOWN)
def test_the_run_of_an_erratum_replays_to_its_step_by_itself(number: str) -> None:
    """From what is saved, and on a host of its own."""
    found = defects.found(number)
    again = repeat(found.failure, found.failure.port, in_process=True)
    assert (again.exit, again.rule, again.at) == (Exit.CONFORMS, RULES[found.rule], found.steps)
    assert again.verdicts == (f"passed (as-written): {found.rule}: {found.reason} ({number})",)


@pytest.mark.parametrize("number", SHOWN)
def test_the_last_era_that_has_an_erratum_shows_it_and_the_next_keeps_the_rule_in_the_same_case(number: str) -> None:
    """Both are run, and both are judged: a rule that is not there yet would be no answer."""
    last, era, result = defects.found_last(number), mended_in(number), defects.mended(number)
    rule, case = SHOWN[number].rule, SHOWN[number].last
    assert (last.erratum, last.rule, last.failure.era, last.failure.case) == (number, rule, known_in(number)[-1], case)
    run = defects.mended_run(number)
    if era is None:
        assert (number in ("S8", "S20", "S21"), result, run) == (True, None, None)
        return
    assert result is not None
    assert (result.id, result.verdict, result.rules, result.found) == (
        case, Verdict.PASSED, {rule: Verdict.PASSED}, [],
    )  # fmt: skip
    assert result.answer == ("Never" if last.failure.litmus else "")
    if last.failure.litmus is None:
        assert run is not None
        assert (run.exit, run.rule, run.verdicts) == (Exit.CONFORMS, None, (f"passed: {rule}",))
        assert isinstance(run.trace[0], Booted)
        assert run.trace[0].era == era


@pytest.mark.parametrize("number", [number for number, shown in SHOWN.items() if shown.later])
def test_another_case_is_named_for_the_last_era_only_where_the_first_one_shows_nothing_there(number: str) -> None:
    """S6 was mended in two steps, and S11 first on powerpc."""
    port, shown = ports.open_port(defects.port_of(known_in(number)[-1])), SHOWN[number]
    result = one_case.result_of(shown.case, port, [RULES[shown.rule]])
    assert (result.verdict, result.found) == (Verdict.PASSED, [])
