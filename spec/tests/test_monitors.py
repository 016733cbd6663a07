# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The monitors: each tells a trace that keeps its rule from one that breaks it, and is a pure automaton.

The traces are in `traces`, a file for each family.  Purity is what lets a judge share prefixes and a search
fold equal states: states are values, and an event that a monitor does not read leaves no mark on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, get_args

import pytest
from mmu_gather_spec import events as ev
from mmu_gather_spec.rule import Violation
from mmu_gather_spec.rules import RULES
from traces import CASES
from traces.alphabet import BOOT, Case

IDS: Final = [f"{case.rule}: {case.shows}" for case in CASES]

#: One event of each kind, with the words that the monitors look for where a field may hold any word.
SAMPLES: Final[dict[type[ev.Event], ev.AnyEvent]] = {
    type(sample): sample
    for sample in (
        *dict.fromkeys(event for case in CASES for event in case.trace),
        BOOT, ev.Irqs(0, "a", False), ev.Preempt(0, "a", 1), ev.Dtor(0, "a", 0x10000),
        ev.WalkEntry(1, "gup_fast", 0x10000, True), ev.WalkPte(1, "gup_fast", 0x80000, True),
        ev.CacheMiss(1, "mmu", 0x10000), ev.TlbFill(1, "task", 0x80000), ev.HashFill(1, "fault", 0x80000, True),
        ev.AccessFault(1, "task", 0x80000), ev.RemoveRmap(0, "a", (0x80000,)), ev.TlbFlushPending(0, "a", True),
        ev.ContextLock(0, "a", True), ev.FlushMm(0, "a", True, 1, frozenset({0, 1})),
        ev.FlushRange(0, "a", 0x1000, 0x2000, 0, 0, 1, 1, 0, 0, 0),
        ev.ShareCount(0, "a", 0x10000, 0),
        ev.MmGet(1, "task"), ev.MmPut(1, "task"), ev.CpuOnline(1, "cpu1"),
    )
}  # fmt: skip


def states(case: Case) -> Iterator[Any]:
    """Every state that the rule's monitor goes through, the first included; a violation last if there is one."""
    monitor = RULES[case.rule].monitor
    state: Any = monitor.initial(case.boot)
    yield state
    for event in case.trace:
        if type(event) in monitor.reads:
            state = monitor.step(state, event)
            yield state
            if isinstance(state, Violation):
                return
    if violation := monitor.finish(state):
        yield violation


def found(case: Case) -> tuple[str, str | None, ev.Event] | None:
    """What the monitor says of the trace: the reason, the erratum, the offending event."""
    *_, last = states(case)
    return (last.reason, last.erratum, last.culprit) if isinstance(last, Violation) else None


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_a_monitor_accepts_what_keeps_its_rule_and_names_what_breaks_it(case: Case) -> None:
    """Reason, erratum and offending event are as the trace was written to show."""
    expected = None if case.reason is None else (case.reason, case.erratum, case.trace[-1])
    assert found(case) == expected


def test_every_rule_accepts_one_hand_written_trace_and_rejects_another() -> None:
    """No rule is without both, and no trace is for a rule that does not exist."""
    accepted = {case.rule for case in CASES if case.reason is None}
    rejected = {case.rule for case in CASES if case.reason is not None}
    assert (accepted, rejected) == (set(RULES), set(RULES))


def test_every_trace_is_of_a_machine_to_which_its_rule_applies() -> None:
    """A rule would not be asked elsewhere, so a trace from elsewhere would show nothing."""
    assert [case.shows for case in CASES if not RULES[case.rule].applies(case.boot)] == []


def test_every_erratum_that_a_trace_shows_is_known_to_its_rule_in_some_era() -> None:
    """A monitor names no erratum that no era is excused by."""
    shown = {(case.rule, case.erratum) for case in CASES if case.erratum}
    known = {
        (rule.id, number) for rule in RULES.values() for status in rule.status.values() for number in status.errata
    }
    assert shown == known


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_the_states_of_a_monitor_are_values(case: Case) -> None:
    """Each can be hashed, and none is changed by the steps that are taken from it."""
    kept = [(state, repr(state), hash(state)) for state in states(case)]
    assert [(repr(state), hash(state)) for state, _, _ in kept] == [(text, number) for _, text, number in kept]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_what_a_monitor_finds_it_finds_in_the_events_about_one_table(case: Case) -> None:
    """A monitor that keeps its tables apart says so rightly: some part of a rejected trace is rejected, no other is."""
    monitor = RULES[case.rule].monitor
    about = [(monitor.about(event) if type(event) in monitor.reads else None, event) for event in case.trace]
    keys = {key for keys, _ in about for key in keys or ()} or {0}
    parts = (tuple(event for keys, event in about if keys is None or key in keys) for key in keys)
    rejected = [said for part in parts if (said := found(replace(case, trace=part))) is not None]
    assert bool(rejected) == (case.reason is not None)
    if rejected:
        assert (case.reason, case.erratum) in {said[:2] for said in rejected}


@pytest.mark.parametrize("rule", RULES)
def test_an_event_that_a_monitor_does_not_read_changes_nothing(rule: str) -> None:
    """In every state of its accepted traces, an event of any other kind leads back to that state."""
    monitor = RULES[rule].monitor
    others = [event for kind, event in SAMPLES.items() if kind not in monitor.reads]
    reached = [state for case in CASES if case.rule == rule and case.reason is None for state in states(case)]
    moved = [(state, event) for state in reached for event in others if monitor.step(state, event) != state]
    assert moved == []


def test_there_is_a_sample_of_every_kind_of_event() -> None:
    """The test above leaves no kind of event out."""
    assert set(SAMPLES) == set(get_args(ev.AnyEvent))
