# SPDX-License-Identifier: GPL-2.0-only
"""arch/sparc/mm/tlb.c since v6.15: lazy MMU mode keeps the task on its CPU by itself.

It lies over sparc64.py.  Not every caller holds a lock that does; all of those that are modelled do.  The stable series
took it over: it was read in Debian's 6.1.192 and 6.12.117, and is listed under v7.0, where it is unverified.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import preempt_disable, preempt_enable
from mmu_gather_spec.kernel_archs import this_cpu_ptr_tlb_batch
from mmu_gather_spec.linked_later import flush_tlb_pending


def arch_enter_lazy_mmu_mode() -> None:
    """arch_enter_lazy_mmu_mode - from here on flushes may wait, and the task stays here"""
    preempt_disable()
    tb = this_cpu_ptr_tlb_batch()
    tb.active = 1


def arch_leave_lazy_mmu_mode() -> None:
    """arch_leave_lazy_mmu_mode - flush what waits, let nothing wait any more, and let the task go"""
    tb = this_cpu_ptr_tlb_batch()
    if tb.tlb_nr:
        flush_tlb_pending()
    tb.active = 0
    preempt_enable()
