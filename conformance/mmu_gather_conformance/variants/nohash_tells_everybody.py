# SPDX-License-Identifier: GPL-2.0-only
"""nohash interrupts every CPU for its flush: more than mm_cpumask is never too many."""

from __future__ import annotations

from typing import Final

from mmu_gather_arch.nohash import do_flush_tlb_mm_ipi
from mmu_gather_spec.kernel import preempt_disable, preempt_enable, smp_call_function
from mmu_gather_spec.words import mm_struct

#: the architectures that it changes
ARCHS: Final = ["nohash"]


def flush_tlb_mm(mm: mm_struct, /) -> None:
    """flush_tlb_mm - no CPU is left out"""
    preempt_disable()
    smp_call_function(do_flush_tlb_mm_ipi, mm.context_id, 1)
    do_flush_tlb_mm_ipi(mm.context_id)
    preempt_enable()
