# SPDX-License-Identifier: GPL-2.0-only
"""When a grace period ends: as soon as its guarantee allows where the script says so, and never sooner.

The guarantee is sched's: regions with IRQs or preemption off hold it back, whoever is in them.
"""

from __future__ import annotations

from typing import Final

import pytest
from kernel_alone import happened, machine, nothing, page_of
from mmu_gather_conformance import ports
from mmu_gather_conformance.config import CONFIGS, small
from mmu_gather_conformance.judge import judge
from mmu_gather_conformance.recorder import Recorder
from mmu_gather_conformance.scenario import Answers, Finish, Gather, Page, Scenario, Table
from mmu_gather_spec import events as ev
from mmu_gather_spec.rules import RULES
from mmu_gather_spec.words import rcu_head_p
from recorded import record

EARLY: Final = Answers(grace=("early",))


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


def test_a_grace_period_waits_for_a_task_that_waits_for_an_ipi_with_preemption_off() -> None:
    """nohash flushes with preemption off; while another CPU answers, that region is still open."""
    config = small(CONFIGS["nohash"][0])
    ops = (Gather(), Table(), Page(count=12), Finish())
    scenario = Scenario("flush-under-lock", "", ops, Answers(grace=("late", "early")))
    recording = Recorder(ports.open_port("ref").image(config), scenario, config).record()
    rule = RULES["separation.sched-flavour"]
    assert judge(recording.runs, [rule], "rfc-2010")[rule.id].violation is None


# --- the kernel alone ---------------------------------------------------------------------------


def test_a_grace_period_ends_at_the_very_next_boundary_where_nothing_holds_it_back() -> None:
    """The guarantee allows it, so an adversary takes it."""
    kernel = machine(answers=EARLY)
    kernel.call_rcu(rcu_head_p(page_of(kernel)), nothing, "sched")
    kernel.free_pages(0x1000, 0)
    assert [type(event) for event in kernel.trace[-4:]] == [
        ev.GracePeriod,
        ev.CallbackBegin,
        ev.CallbackEnd,
        ev.FreePage,
    ]


@pytest.mark.parametrize("close", ["irqs", "preemption", "per-CPU variable"])
def test_a_sched_grace_period_waits_for_the_region_that_was_open(close: str) -> None:
    """No sooner than its end, and then at once."""
    kernel = machine(answers=EARLY)
    page = page_of(kernel)
    if close == "irqs":
        kernel.local_irq(False)
    elif close == "preemption":
        kernel.preempt(+1)
    else:
        kernel.get_cpu_var()
    kernel.call_rcu(rcu_head_p(page), nothing, "sched")
    kernel.free_pages(0x1000, 0)
    assert happened(kernel, ev.GracePeriod) == []
    if close == "irqs":
        kernel.local_irq(True)
    elif close == "preemption":
        kernel.preempt(-1)
    else:
        kernel.put_cpu_var()
    kernel.free_pages(0x2000, 0)
    assert happened(kernel, ev.GracePeriod) == [ev.GracePeriod(1, "softirq", page, "sched")]


def test_another_flavour_does_not_wait_for_irqs() -> None:
    """That is what makes it the wrong one."""
    kernel = machine(answers=EARLY)
    page = page_of(kernel)
    kernel.local_irq(False)
    kernel.call_rcu(rcu_head_p(page), nothing, "rcu")
    kernel.free_pages(0x1000, 0)
    assert happened(kernel, ev.GracePeriod) == [ev.GracePeriod(1, "softirq", page, "rcu")]


def test_a_late_grace_period_ends_when_all_is_done() -> None:
    """No callback is forgotten."""
    kernel = machine(answers=Answers(grace=("late",)))
    kernel.call_rcu(rcu_head_p(page_of(kernel)), nothing, "sched")
    kernel.free_pages(0x1000, 0)
    assert happened(kernel, ev.GracePeriod) == []
    kernel.quiesce()
    assert len(happened(kernel, ev.GracePeriod, ev.CallbackBegin, ev.CallbackEnd)) == 3
