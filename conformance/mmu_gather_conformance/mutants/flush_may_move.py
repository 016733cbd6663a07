# SPDX-License-Identifier: GPL-2.0-only
"""nohash may be preempted between the IPI to the other CPUs and its own flush."""

from __future__ import annotations

from typing import Final

from mmu_gather_arch.nohash import MMU_NO_CONTEXT, do_flush_tlb_mm_ipi, mm_is_core_local
from mmu_gather_spec.kernel import _tlbil_pid, mm_cpumask, preempt_disable, preempt_enable, smp_call_function_many
from mmu_gather_spec.words import mm_struct

#: the rule that catches it
BREAKS: Final = "arch.flush-on-one-cpu"
#: a case in which it does
SHOWS_IN: Final = "one-page/nohash"
#: the architectures that it changes
ARCHS: Final = ["nohash"]


def flush_tlb_mm(mm: mm_struct, /) -> None:
    """flush_tlb_mm - preemption is on again before this CPU's own flush"""
    preempt_disable()
    pid = mm.context_id
    if pid != MMU_NO_CONTEXT and not mm_is_core_local(mm):
        smp_call_function_many(mm_cpumask(mm), do_flush_tlb_mm_ipi, pid, 1)
    preempt_enable()
    if pid != MMU_NO_CONTEXT:
        _tlbil_pid(pid)
