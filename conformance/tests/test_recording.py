# SPDX-License-Identifier: GPL-2.0-only
"""The laws that keep a recording sound; each test fails when its law is broken."""

from __future__ import annotations

import pytest
from mmu_gather_conformance import ports
from mmu_gather_conformance.cases import find
from mmu_gather_conformance.check import check
from mmu_gather_conformance.config import CONFIGS, small
from mmu_gather_conformance.judge import judge
from mmu_gather_conformance.recorder import FILLS, Outcome, Recorder, Recording
from mmu_gather_conformance.scenario import Answers, Finish, Gather, Page, Scenario, Table
from mmu_gather_conformance.verdict import Verdict
from mmu_gather_reference.rfc_2010 import memory
from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_spec import events as ev
from mmu_gather_spec import kernel
from mmu_gather_spec.kernel import BUG
from mmu_gather_spec.rules import RULES


def record(case_id: str, port: str = "ref") -> Recording:
    """All runs of one case."""
    case = find(case_id)
    assert case is not None
    opened = ports.open_port(port)
    return Recorder(opened.image(case.config), case.scenario, case.config).record()


@pytest.mark.parametrize(
    ("case_id", "runs"),
    [("batch-full/hash64/small", 2), ("every-allocation-may-fail/hash64/small", 39), ("users-come-and-go/hash64", 15)],
)
def test_recording_is_closed_and_its_size_is_exact(case_id: str, runs: int) -> None:
    """Every answer at every choice: a number that does not change by itself."""
    recording = record(case_id)
    plain = [run for run in recording.runs if run.fill == FILLS[0]]
    assert (recording.closed, len(plain)) == (True, runs)
    assert len({run.choices for run in plain}) == runs


def test_a_bounded_recording_says_so() -> None:
    """And never speaks of closure."""
    (result,) = check("ref", archs=["hash64"], keyword="real-batch-and-failures").cases
    assert "bounded" in result.bounds


def test_a_flush_that_does_nothing_is_seen() -> None:
    """hash32 with a hash table: tlb_flush is a call across the link all the same."""
    trace = record("empty-gather/hash32").runs[0].trace + record("one-page/hash32").runs[0].trace
    names = [event.fn for event in trace if isinstance(event, ev.Enter)]
    assert "tlb_flush" in names


def test_what_a_callback_frees_is_written_at_its_call_rcu() -> None:
    """By table, in order."""
    trace = record("batch-full/hash64/small").runs[0].trace
    (call,) = [event for event in trace if isinstance(event, ev.CallRcu)]
    assert call.tables == tuple(event.table for event in trace if isinstance(event, ev.Unlink))


def test_a_grace_period_ends_as_soon_as_it_may_and_no_sooner() -> None:
    """Early: at the next boundary; but never while the PTE lock is held."""
    traces = [run.trace for run in record("two-batches-and-one/hash64/small").runs]
    ends = 0
    for trace in traces:
        depth = 0
        for event in trace:
            if isinstance(event, ev.Preempt):
                depth = event.depth
            if isinstance(event, ev.GracePeriod):
                ends += 1
                assert depth == 0
    early = [t for t in traces if any(isinstance(e, ev.GracePeriod) for e in t[: _first_finish(t)])]
    assert ends > len(traces)
    assert early


def _first_finish(trace: tuple[ev.AnyEvent, ...]) -> int:
    """Where the gather is finished."""
    return next(i for i, event in enumerate(trace) if isinstance(event, ev.Enter) and event.fn == "tlb_finish_mmu")


def test_bug_ends_its_agent_and_nothing_catches_it_by_accident() -> None:
    """The effects after it are the callbacks' alone, and no leak is blamed on who was stopped."""
    assert not issubclass(BUG, Exception)
    trace = record("shift-too-large/hash64").runs[0].trace
    at = next(i for i, event in enumerate(trace) if isinstance(event, ev.Bug))
    assert all(event.agent != "a" or isinstance(event, ev.Leaked | ev.Quiescent) for event in trace[at + 1 :])
    (result,) = check("ref", archs=["hash64"], keyword="shift-too-large/hash64 up").cases
    assert result.verdict is Verdict.PASSED


def test_a_field_that_was_never_written_shows_as_a_difference_between_fillings() -> None:
    """The seed's need_flush: the flush of an empty gather depends on garbage."""
    marks = [
        event for run in record("empty-gather/hash64").runs for event in run.trace if isinstance(event, ev.Diverged)
    ]
    assert {(mark.poison, mark.extra_flush) for mark in marks} == {(0xA5, True), (0xFF, True)}


def test_a_second_gather_inside_the_first_changes_nothing() -> None:
    """And a port that shares a batch between gathers is found by it."""
    assert not _shared("ref")
    assert _shared("mutant:batch_shared_by_gathers")


def test_what_a_second_gather_changes_in_the_mm_is_an_answer_and_no_state_of_the_port() -> None:
    """s390: the second flushes what the first owed, and the first finds that nothing is due; and that is legal."""
    case = "gather-within-a-gather/s390"
    recording = record(case, "ref:v6.12")
    clear = [_first_answers(run.trace) for run in recording.runs if run.nested_at]
    assert _first_answers(recording.runs[0].trace) == [1, 1]
    assert {(0, 1), (1, 0), (1, 1)} == set(map(tuple, clear))
    assert not _shared("ref:v6.12", case)
    found = judge(recording.runs, list(RULES.values()), "v6.12")
    assert [rule for rule, each in found.items() if each.violation] == []


def _first_answers(trace: ev.Trace) -> list[int]:
    """What the first gather finds in flush_mm."""
    return [
        event.value
        for event in trace
        if isinstance(event, ev.AtomicRead) and (event.agent, event.var) == ("a", "flush_mm")
    ]


def _shared(port: str, case: str = "gather-within-a-gather/hash64/small") -> list[ev.AnyEvent]:
    recording = record(case, port)
    return [event for run in recording.runs for event in run.trace if isinstance(event, ev.Shared)]


def test_a_port_that_is_no_function_of_its_answers_is_unstable() -> None:
    """Every third time it asks something that it did not ask before."""
    calls = [0]

    def restless(tlb: mmu_gather, /) -> None:
        calls[0] += 1
        if calls[0] % 3 == 0:
            kernel.num_online_cpus()
        memory.tlb_table_flush(tlb)

    case = find("batch-full/hash64/small")
    assert case is not None
    image = ports.reference("rfc-2010", "restless", {"tlb_table_flush": restless}).image(case.config)
    recording = Recorder(image, case.scenario, case.config).record()
    assert Outcome.UNSTABLE in {run.outcome for run in recording.runs}


def test_an_endless_port_is_timed_out_and_never_passes() -> None:
    """Too many effects in one run."""
    report = check("mutant:batch_not_zeroed", archs=["hash64"], keyword="batch-full/hash64/small")
    assert [case.verdict for case in report.cases] == [Verdict.TIMED_OUT]


def test_a_grace_period_waits_for_a_task_that_waits_for_an_ipi_with_preemption_off() -> None:
    """nohash flushes with preemption off; while another CPU answers, that region is still open."""
    config = small(CONFIGS["nohash"][0])
    ops = (Gather(), Table(), Page(count=12), Finish())
    scenario = Scenario("flush-under-lock", "", ops, Answers(grace=("late", "early")))
    recording = Recorder(ports.open_port("ref").image(config), scenario, config).record()
    rule = RULES["separation.sched-flavour"]
    assert judge(recording.runs, [rule], "rfc-2010")[rule.id].violation is None
