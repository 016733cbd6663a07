# SPDX-License-Identifier: GPL-2.0-only
"""Callbacks and handlers are agents of their own, and a page that was submitted is RCU's.

A callback runs in softirq, on the other CPU, when the gather and its mm are gone.  What was handed to RCU is compared
at each boundary with what it was.  When a callback may run is asked in `test_grace_periods`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from kernel_alone import faults, happened, machine, nothing, page_of
from mmu_gather_conformance.python_port import PythonGather
from mmu_gather_conformance.scenario import Answers
from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_spec import events as ev
from mmu_gather_spec.words import rcu_head_p


def test_a_store_after_call_rcu_is_found_before_the_next_effect() -> None:
    """The page is compared with what it was when it was handed over."""
    kernel = machine(answers=Answers(grace=("late",)))
    page = page_of(kernel)
    kernel.call_rcu(rcu_head_p(page), nothing, "sched")
    kernel.store(page + 16, 4, 7)
    kernel.free_pages(0x1000, 0)
    assert faults(kernel) == [(ev.FaultKind.AFTER_SUBMIT, page)]
    assert isinstance(kernel.trace[-2], ev.Fault)


def test_a_store_after_call_rcu_is_found_at_the_end_where_no_effect_follows() -> None:
    """Quiescence is a boundary, too."""
    kernel = machine(answers=Answers(grace=("late",)))
    page = page_of(kernel)
    kernel.call_rcu(rcu_head_p(page), nothing, "sched")
    kernel.store(page + 16, 4, 7)
    kernel.quiesce()
    assert faults(kernel) == [(ev.FaultKind.AFTER_SUBMIT, page)]


def test_a_head_may_be_submitted_again_only_after_its_callback() -> None:
    """Between the two it is on RCU's list."""
    kernel = machine(answers=Answers(grace=("late",)))
    page = page_of(kernel)
    kernel.call_rcu(rcu_head_p(page), nothing, "sched")
    kernel.quiesce()
    kernel.call_rcu(rcu_head_p(page), nothing, "sched")
    assert faults(kernel) == []
    kernel.call_rcu(rcu_head_p(page), nothing, "sched")
    assert faults(kernel) == [(ev.FaultKind.DOUBLE_CALL_RCU, page)]


def test_a_page_that_was_given_back_is_nobodys() -> None:
    """Reading it, writing to it and submitting it are faults, and what is read is poison."""
    kernel = machine()
    page = page_of(kernel)
    kernel.store(page, 4, 7)
    kernel.free_pages(page, 0)
    assert kernel.load(page, 4) == 0xA5A5A5A5
    kernel.store(page, 4, 8)
    kernel.call_rcu(rcu_head_p(page), nothing, "sched")
    assert faults(kernel) == [(ev.FaultKind.AFTER_FREE, page)] * 3


def reads(tlb: mmu_gather) -> None:
    """A callback that looks into a gather."""
    _ = tlb.fullmm


def writes(tlb: mmu_gather) -> None:
    """A callback that changes one."""
    tlb.fullmm = 1


@pytest.mark.parametrize("touch", [reads, writes])
def test_a_callback_runs_with_its_gather_out_of_reach(touch: Callable[[mmu_gather], None]) -> None:
    """Reading a field shows, and so does writing one; afterwards the gather is as it was."""
    kernel = machine(answers=Answers(grace=("late",)))
    gather = PythonGather(mmu_gather, 0)
    kernel.gathers.append(gather)
    tlb = gather.handle
    assert isinstance(tlb, mmu_gather)
    kernel.call_rcu(rcu_head_p(page_of(kernel)), lambda head: touch(tlb), "sched")
    kernel.quiesce()
    assert [kind for kind, _ in faults(kernel)] == [ev.FaultKind.GATHER_GONE]
    assert tlb.fullmm == 0


def test_a_callback_runs_on_the_other_cpu_and_with_the_mm_gone() -> None:
    """It is softirq that runs it, and mm_users is no longer there to read."""
    kernel = machine(answers=Answers(grace=("late",)))

    def asks(head: rcu_head_p) -> None:
        kernel.atomic_read(kernel.mm.mm.mm_users)

    kernel.call_rcu(rcu_head_p(page_of(kernel)), asks, "sched")
    kernel.quiesce()
    begin = kernel.trace[3]
    assert (type(begin), begin.cpu, begin.agent) == (ev.CallbackBegin, 1, "softirq")
    assert faults(kernel) == [(ev.FaultKind.GATHER_GONE, 0)]


def test_an_ipi_that_nobody_waits_for_is_answered_at_the_end() -> None:
    """By each target, as an agent of its own."""
    heard: list[int] = []
    kernel = machine()
    kernel.smp_call_function(None, lambda info: heard.append(kernel.cpu), None, 0)
    kernel.free_pages(0x1000, 0)
    assert heard == []
    kernel.quiesce()
    assert (heard, happened(kernel, ev.IpiAck, ev.FreePage)) == (
        [1],
        [ev.FreePage(0, "a", 0x1000), ev.IpiAck(1, "ipi")],
    )
