# SPDX-License-Identifier: GPL-2.0-only
"""nohash returns from its flush with preemption still off."""

from __future__ import annotations

from typing import Final

from mmu_gather_arch.nohash import MMU_NO_CONTEXT, do_flush_tlb_mm_ipi, mm_is_core_local
from mmu_gather_spec.kernel import _tlbil_pid, mm_cpumask, preempt_disable, smp_call_function_many
from mmu_gather_spec.words import mm_struct

#: the rule that catches it
BREAKS: Final = "gather.preemption-as-found"
#: a case in which it does
SHOWS_IN: Final = "one-page/nohash"
#: the architectures that it changes
ARCHS: Final = ["nohash"]


def flush_tlb_mm(mm: mm_struct, /) -> None:
    """flush_tlb_mm - without preempt_enable"""
    preempt_disable()
    pid = mm.context_id
    if pid != MMU_NO_CONTEXT:
        if not mm_is_core_local(mm):
            smp_call_function_many(mm_cpumask(mm), do_flush_tlb_mm_ipi, pid, 1)
        _tlbil_pid(pid)
