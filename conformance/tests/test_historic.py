# SPDX-License-Identifier: GPL-2.0-only
"""The historic corpus is more than told: what has a replay is found in it, and by its own rule."""

from __future__ import annotations

import re
from typing import Final

import pytest
from mmu_gather_conformance import mutants, names, ports
from mmu_gather_conformance.cases import find
from mmu_gather_conformance.check import check
from mmu_gather_conformance.historic import GROUPS, HISTORIC, Bug, Outside, Replay, Shown
from mmu_gather_conformance.litmuses import LITMUSES, OUTSIDE_MODEL
from mmu_gather_conformance.report import CaseResult
from mmu_gather_conformance.verdict import Verdict
from mmu_gather_spec.errata import ERRATA
from mmu_gather_spec.rules import RULES

#: Every bug that was collected; those of the seed that are errata are told as such.
COLLECTED: Final = (
    *(1, 2, 3, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 17, 20, 21, 23, 24, 26, 27, 28, 29, 30),
    *(*range(31, 44), 71),
    *(44, 47, 48, 49, 50, 51, 53, 55, 56, 57, 58, 59, 60, 62, 63, 64, 65),
    *range(66, 71),
)
SEED: Final = tuple(f"S{number}" for number in range(1, 19))

REPLAYED: Final = {bug.number: bug.how for bug in HISTORIC.values() if isinstance(bug.how, Replay)}
OUTSIDE: Final = {bug.number: bug.how for bug in HISTORIC.values() if isinstance(bug.how, Outside)}


def run(port: str, replay: Replay) -> CaseResult:
    """What becomes of a port in the case of a replay, asked about its rule alone."""
    scenario, arch = replay.case.split("/")[:2]
    report = check(port, archs=(arch,), rule=replay.rule, keyword=f"{scenario}/{arch}")
    (result,) = (result for result in report.cases if result.id == replay.case)
    return result


def rejected(result: CaseResult, replay: Replay) -> bool:
    """The rule is violated."""
    return result.rules[replay.rule] is Verdict.VIOLATED


def as_written(result: CaseResult, replay: Replay) -> bool:
    """The rule is broken by the erratum, and by nothing else."""
    found = {(found.rule, found.erratum, found.verdict) for found in result.found}
    return found == {(replay.rule, replay.erratum, Verdict.AS_WRITTEN)}


def caller_found_out(result: CaseResult, replay: Replay) -> bool:
    """The monitor has seen the caller's fault: the case would be the suite's error otherwise."""
    return result.verdict is Verdict.PASSED and result.rules == {replay.rule: Verdict.PASSED}


def walker_lost(result: CaseResult, replay: Replay) -> bool:
    """There is an interleaving in which the walker loses its table, and the port is not blamed."""
    litmus = LITMUSES[replay.case.partition("/")[0]]
    return litmus.forbidden == replay.rule and result.answer in ("Sometimes", "Always") and not result.rules


FOUND: Final = {
    Shown.VIOLATED: rejected,
    Shown.AS_WRITTEN: as_written,
    Shown.MISUSE: caller_found_out,
    Shown.WALKER: walker_lost,
}


@pytest.mark.parametrize("number", REPLAYED)
def test_a_bug_is_found_in_its_replay_by_the_rule_that_it_breaks(number: str) -> None:
    replay = REPLAYED[number]
    assert FOUND[replay.shown](run(replay.port, replay), replay)


@pytest.mark.parametrize("number", [number for number, how in REPLAYED.items() if how.port.startswith("mutant:")])
def test_where_a_mutant_stands_for_the_bug_the_reference_passes(number: str) -> None:
    """So it is the mutant's one fault that is found, and not what the reference does as well."""
    result = run(f"ref:{ports.open_port(REPLAYED[number].port).era}", REPLAYED[number])
    assert result.rules == {REPLAYED[number].rule: Verdict.PASSED}
    assert result.found == []


@pytest.mark.parametrize("number", [number for number, how in REPLAYED.items() if how.shown is not Shown.VIOLATED])
def test_another_question_does_not_find_it(number: str) -> None:
    """Each test of a finding can fail: none of them holds of an unfinished result."""
    replay = REPLAYED[number]
    nothing = CaseResult(replay.case, "", Verdict.SUITE_ERROR)
    assert not FOUND[replay.shown](nothing, replay)


def test_everything_that_was_collected_is_told_once_and_in_order() -> None:
    """A bug that is not found here is in the table all the same; the errata have their own page."""
    weak = [number for number in SEED if number not in ERRATA]
    assert list(HISTORIC) == [*map(str, COLLECTED), *weak]
    assert sum(len(group.BUGS) for group in GROUPS) == len(HISTORIC)


def test_what_no_run_shows_has_a_reason_and_names_only_what_there_is() -> None:
    assert [number for number, how in OUTSIDE.items() if not how.reason] == []
    assert {how.nearest for how in OUTSIDE.values() if how.nearest} <= set(LITMUSES)
    told = {each.number: (each.reason, each.nearest) for each in OUTSIDE_MODEL}
    assert {number: (OUTSIDE[number].reason, OUTSIDE[number].nearest) for number in told} == told


def test_a_replay_names_what_there_is() -> None:
    for replay in REPLAYED.values():
        ports.open_port(replay.port)
        assert replay.rule in RULES
        assert replay.erratum in {"", *ERRATA}
        assert find(replay.case) is not None or replay.case.partition("/")[0] in LITMUSES


def test_what_is_outside_and_what_is_replayed_are_counted() -> None:
    """A number that changes is a change of what the suite can show."""
    shown = [replay.shown for replay in REPLAYED.values()]
    assert {each: shown.count(each) for each in Shown} == {
        Shown.VIOLATED: 22,
        Shown.AS_WRITTEN: 17,
        Shown.MISUSE: 3,
        Shown.WALKER: 2,
    }
    assert len(OUTSIDE) == 21


def test_a_commit_is_cited_by_twelve_digits_and_only_where_it_was_looked_up() -> None:
    for bug in HISTORIC.values():
        assert re.fullmatch(r"(?:[0-9a-f]{12})?", bug.commit)
        assert bug.cited == ("unverified" if not bug.verified else bug.commit or "no commit")


def said(bug: Bug) -> str:
    """All that an entry says in words of its own."""
    return " ".join((bug.brief, bug.wrong, bug.how.reason if isinstance(bug.how, Outside) else ""))


def test_a_mutant_or_a_number_that_an_entry_speaks_of_is_there() -> None:
    for bug in HISTORIC.values():
        assert set(re.findall(r"number (\d+)", said(bug))) <= set(REPLAYED)
        assert set(re.findall(r"variant `(\w+)`", said(bug))) <= {
            name.partition(":")[2] for name in names.ports() if name.startswith("variant:")
        }
        assert (
            not isinstance(bug.how, Replay)
            or not bug.how.port.startswith("mutant:")
            or (bug.how.port.partition(":")[2] in ports.names_in(mutants))
        )


def test_the_list_has_a_line_for_each_with_its_rule() -> None:
    rows = list(names.LISTS["historic"]())
    assert [name.split()[:2] for name, _ in rows] == [[bug.number, str(bug.year)] for bug in HISTORIC.values()]
    assert sum("outside-model" in said for _, said in rows) == len(OUTSIDE)
