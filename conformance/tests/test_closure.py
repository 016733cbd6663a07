# SPDX-License-Identifier: GPL-2.0-only
"""Every pattern of the kernel's answers is run once, each answer is from a finite domain, and a bound is told.

The counts are exact: one run more or less is a question more or less, and that is news.
"""

from __future__ import annotations

from dataclasses import fields

import pytest
from mmu_gather_conformance import recorder
from mmu_gather_conformance.check import check
from mmu_gather_conformance.recorder import FILLS
from mmu_gather_conformance.scenario import Answers
from mmu_gather_conformance.scenarios import SCENARIOS
from mmu_gather_conformance.script import Script, siblings
from recorded import record


def patterns(most: int | None) -> list[tuple[int, ...]]:
    """Every run of a caller that asks twice, and a third time if the first answer was 1."""
    runs: list[tuple[int, ...]] = []
    pending: list[tuple[int, ...]] = [()]
    while pending:
        prefix = pending.pop()
        script = Script(prefix)
        asked_more = script.choose("first", (0, 1)) == 1
        script.choose("second", (0, 1, 2))
        if asked_more:
            script.choose("third", (0, 1))
        runs.append(script.taken())
        pending.extend(siblings(script, len(prefix), most))
    return runs


def test_every_pattern_of_answers_is_taken_once() -> None:
    """Also the answers to questions that only some other answer brings up."""
    runs = patterns(None)
    without, with_third = {(0, b) for b in range(3)}, {(1, b, c) for b in range(3) for c in range(2)}
    assert (len(runs), set(runs)) == (9, without | with_third)


def test_a_bound_counts_deviations_from_the_ordinary_answers() -> None:
    """At one deviation at most, the patterns with two are left out."""
    assert set(patterns(1)) == {(0, 0), (0, 1), (0, 2), (1, 0, 0)}
    assert patterns(0) == [(0, 0)]


@pytest.mark.parametrize(
    ("case_id", "runs"),
    [
        ("batch-full/hash64/small", 2),
        ("every-allocation-may-fail/hash64/small", 39),
        ("users-come-and-go/hash64", 15),
        ("one-table/hash64", 112),
        ("one-table/hash32/small", 112),
        ("hash-batch-waits/hash64", 12),
    ],
)
def test_recording_is_closed_and_its_size_is_exact(case_id: str, runs: int) -> None:
    """Every answer at every choice: a number that does not change by itself."""
    recording = record(case_id)
    plain = [run for run in recording.runs if run.fill == FILLS[0] and not run.nested_at]
    assert (recording.closed, len(plain)) == (True, runs)
    assert len({run.choices for run in plain}) == runs


def test_a_recording_that_meets_its_bound_is_not_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It never passes for every pattern of answers."""
    assert record("every-allocation-may-fail/hash64/small").closed
    monkeypatch.setattr(recorder, "RUN_BOUND", 5)
    assert not record("every-allocation-may-fail/hash64/small").closed


def test_a_bounded_recording_says_so() -> None:
    """And never speaks of closure."""
    (result,) = check("ref", archs=["hash64"], keyword="real-batch-and-failures").cases
    assert "bounded" in result.bounds


def test_the_answers_of_all_scenarios_are_the_services_domains() -> None:
    """Each value that a service may answer is answered somewhere, and no other."""
    answers = [scenario.answers for scenario in SCENARIOS.values()]
    services = [each.name for each in fields(Answers) if each.name != "rising"]  # that is no list of answers
    assert {name: {value for each in answers for value in getattr(each, name)} for name in services} == {
        "mm_users": {0, 1, 2, 3},
        "online": {1, 2},
        "alloc": {True, False},
        "hash_batch": {"empty", "this mm", "another mm"},
        "cpumask": {"everywhere", "here"},
        "attached": {"everywhere", "here"},
        "context": {0, 1},
        "grace": {"late", "early"},
        "moves": {True, False},
        "nested": {True, False},
        "others_flush": set(),  # no scenario has another gather on s390, but litmus tests have
        "pte": {True, False},
        "sharers": {1, 2},
        "slots": set(),  # in a scenario they fail as batches do
    }
