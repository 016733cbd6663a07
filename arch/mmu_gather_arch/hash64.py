# SPDX-License-Identifier: GPL-2.0-only
"""arch/powerpc/mm/tlb_hash64.c: hash flushes wait in a batch of this CPU's until lazy mode ends.

The batch belongs to the CPU, not to the gather: between get_cpu_var and put_cpu_var the task
stays where it is, and outside lazy mode the batch is empty.  tlb_flush() flushes what waits
on the CPU it runs on, whichever mm it belongs to; normally nothing waits any more.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import (
    flush_hash_page,
    flush_hash_range,
    get_cpu_var_ppc64_tlb_batch,
    mm_cpumask,
    put_cpu_var_ppc64_tlb_batch,
    smp_processor_id,
)
from mmu_gather_spec.percpu import PPC64_TLB_BATCH_NR, ppc64_tlb_batch
from mmu_gather_spec.words import mm_struct, mmu_gather, pte_t


def __flush_tlb_pending(batch: ppc64_tlb_batch, /) -> None:
    """__flush_tlb_pending - flush all that waits in this CPU's batch; preemption is off

    Other CPUs need not be told when only this one has run the mm.
    """
    assert batch.mm is not None
    local = int(mm_cpumask(batch.mm) == {smp_processor_id()})
    if batch.index == 1:
        flush_hash_page(batch.mm.context_id, batch.vaddr[0], local)
    else:
        flush_hash_range(batch, batch.index, local)
    batch.index = 0
    batch.vaddr.clear()


def hpte_need_flush(mm: mm_struct, address: int, ptep: pte_t, huge: int, /) -> None:
    """hpte_need_flush - one hash entry must go: soon in lazy mode, otherwise now

    A batch holds entries of one mm and one page size, so a change of either flushes first.
    """
    batch = get_cpu_var_ppc64_tlb_batch()
    psize = 1 if huge else 0

    if not batch.active:
        local = int(mm_cpumask(mm) == {smp_processor_id()})
        flush_hash_page(mm.context_id, address, local)
        put_cpu_var_ppc64_tlb_batch()
        return

    if batch.index != 0 and (mm is not batch.mm or batch.psize != psize):
        __flush_tlb_pending(batch)
    if batch.index == 0:
        batch.mm = mm
        batch.psize = psize
    batch.vaddr.append(address)
    batch.index += 1
    if batch.index >= PPC64_TLB_BATCH_NR:
        __flush_tlb_pending(batch)
    put_cpu_var_ppc64_tlb_batch()


def arch_enter_lazy_mmu_mode() -> None:
    """arch_enter_lazy_mmu_mode - from here on hash flushes may wait"""
    batch = get_cpu_var_ppc64_tlb_batch()
    batch.active = 1
    put_cpu_var_ppc64_tlb_batch()


def arch_leave_lazy_mmu_mode() -> None:
    """arch_leave_lazy_mmu_mode - flush what waits, and let nothing wait any more"""
    batch = get_cpu_var_ppc64_tlb_batch()
    if batch.index:
        __flush_tlb_pending(batch)
    batch.active = 0
    put_cpu_var_ppc64_tlb_batch()


def __tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None:
    """__tlb_remove_tlb_entry - nothing: hpte_need_flush() has seen the change already"""


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - flush what waits on this CPU, since the pages are about to be freed"""
    batch = get_cpu_var_ppc64_tlb_batch()
    if batch.index:
        __flush_tlb_pending(batch)
    put_cpu_var_ppc64_tlb_batch()


def tlb_flush_pgtable(tlb: mmu_gather, address: int, /) -> None:
    """tlb_flush_pgtable - nothing: hardware keeps nothing of the Linux tables"""
