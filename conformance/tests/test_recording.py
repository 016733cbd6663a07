# SPDX-License-Identifier: GPL-2.0-only
"""What a recording of one run shows: the calls between the halves, the caller's part, and what a callback frees.

How a run may end, how many there are and what they may share is asked in `test_endings`, `test_closure` and
`test_sharing`.
"""

from __future__ import annotations

from pathlib import Path

from mmu_gather_spec import events as ev
from recorded import HASH64, SEED, first_run, one_module, record


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


def test_a_field_that_was_never_written_shows_as_a_difference_between_fillings() -> None:
    """The seed's need_flush: the flush of an empty gather depends on garbage."""
    marks = [
        event for run in record("empty-gather/hash64").runs for event in run.trace if isinstance(event, ev.Diverged)
    ]
    assert {(mark.poison, mark.extra_flush) for mark in marks} == {(0xA5, True), (0xFF, True)}


# --- every call between the halves is seen -----------------------------------------------------


def test_one_module_with_both_halves_makes_the_same_trace_as_two(tmp_path: Path) -> None:
    """Its calls from half to half cross the link table, though they are calls inside one file."""
    port = one_module(tmp_path, SEED + HASH64)
    alone, linked = first_run("pages-then-tables/hash64", port), first_run("pages-then-tables/hash64")
    assert alone.trace[1:] == linked.trace[1:]
    crossed = {event.fn for event in alone.trace if isinstance(event, ev.Enter)}
    assert crossed >= {
        "tlb_flush",
        "tlb_remove_table",
        "__tlb_remove_table",
        "__pte_free_tlb",
        "__tlb_remove_tlb_entry",
    }


def test_every_call_that_is_entered_is_left_in_the_order_of_a_stack() -> None:
    """So that a monitor knows what it is inside of."""
    for run in record("flush-between/hash64/small").runs:
        stack: list[str] = []
        for event in run.trace:
            if isinstance(event, ev.Enter):
                stack.append(event.fn)
            if isinstance(event, ev.Leave):
                assert stack.pop() == event.fn
        assert stack == []


# --- the gather agent is caller plus port ------------------------------------------------------


def test_the_caller_unmaps_a_page_as_zap_pte_range_does() -> None:
    """Lock, lazy mode, clear, the arch's note, the entry, the page; and back out again."""
    trace = first_run("one-page/hash64").trace
    begin = next(i for i, event in enumerate(trace) if isinstance(event, ev.Preempt) and event.depth == 1)
    end = next(i for i, event in enumerate(trace) if isinstance(event, ev.Preempt) and event.depth == 0)
    depth, steps = 0, []
    for event in trace[begin : end + 1]:
        depth -= isinstance(event, ev.Leave)
        if depth == 0 and not isinstance(event, ev.Leave):
            steps.append(event.fn if isinstance(event, ev.Enter) else type(event).__name__)
        depth += isinstance(event, ev.Enter)
    assert steps == [
        "Preempt", "arch_enter_lazy_mmu_mode", "ClearPte", "hpte_need_flush", "tlb_remove_tlb_entry",
        "tlb_remove_page", "arch_leave_lazy_mmu_mode", "Preempt",
    ]  # fmt: skip


def test_the_caller_detaches_the_vma_and_unhooks_each_table_before_it_gives_it() -> None:
    """What a port is given is the port's to free, and nobody else's to find."""
    trace = first_run("mixed-levels/hash64").trace
    steps = [
        event.fn if isinstance(event, ev.Enter) else type(event).__name__
        for event in trace
        if isinstance(event, ev.Unlink | ev.DetachVma)
        or (isinstance(event, ev.Enter) and event.fn in ("tlb_gather_mmu", "pte_free_tlb", "pmd_free_tlb"))
    ]
    assert steps == [
        "tlb_gather_mmu", "DetachVma", "Unlink", "pte_free_tlb", "Unlink", "pmd_free_tlb",
        "Unlink", "pte_free_tlb", "Unlink", "pmd_free_tlb",
    ]  # fmt: skip
