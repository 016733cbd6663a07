# SPDX-License-Identifier: GPL-2.0-only
"""arch/powerpc/mm/tlb_nohash.c: the TLBs are loaded from the Linux tables and flushed by IPI.

The IPI goes to the CPUs that may hold translations of the mm, and to none if this is the only
one; so it does not by itself wait for every walker, and the batching of tables is needed here, too.
Book3E's hardware also reads the entry above a PTE table (an indirect entry); that entry is
invalidated by broadcast before the table is queued, not with the rest.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import (
    BITS_PER_LONG,
    _tlbil_pid,
    _tlbivax_bcast,
    mm_cpumask,
    preempt_disable,
    preempt_enable,
    smp_call_function_many,
    smp_processor_id,
)
from mmu_gather_spec.words import mm_struct, mmu_gather, pte_t

#: context.id of an mm that no CPU has run yet: nothing can be cached for it.
MMU_NO_CONTEXT = 0


def mm_is_core_local(mm: mm_struct, /) -> bool:
    """mm_is_core_local - whether no other CPU may hold translations of the mm"""
    return mm_cpumask(mm) <= {smp_processor_id()}


def do_flush_tlb_mm_ipi(param: object, /) -> None:
    """do_flush_tlb_mm_ipi - on each CPU that was interrupted"""
    assert isinstance(param, int)
    _tlbil_pid(param)


def flush_tlb_mm(mm: mm_struct, /) -> None:
    """flush_tlb_mm - drop every translation of the mm, on every CPU that may hold one"""
    preempt_disable()
    pid = mm.context_id
    if pid != MMU_NO_CONTEXT:
        if not mm_is_core_local(mm):
            smp_call_function_many(mm_cpumask(mm), do_flush_tlb_mm_ipi, pid, 1)
        _tlbil_pid(pid)
    preempt_enable()


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - the whole mm: no range is kept"""
    flush_tlb_mm(tlb.mm)


def tlb_flush_pgtable(tlb: mmu_gather, address: int, /) -> None:
    """tlb_flush_pgtable - Book3E: drop the indirect entry, on every CPU, before queueing

    32-bit processors of this family keep nothing of the Linux tables.
    """
    if BITS_PER_LONG() == 64:
        _tlbivax_bcast(address, tlb.mm.context_id, 1)


def __tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None:
    """__tlb_remove_tlb_entry - nothing: tlb_flush() takes the whole mm"""
