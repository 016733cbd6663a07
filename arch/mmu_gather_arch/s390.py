# SPDX-License-Identifier: GPL-2.0-only
"""arch/s390/include/asm/tlb.h, tlbflush.h and mm/pgtable.c since v5.7: an entry is dropped when it is cleared.

An entry that a CPU may use must not be changed under it: IPTE clears it and drops it on every CPU at once, and
interrupts none.  So a page is freed as soon as it is given (MMU_GATHER_NO_GATHER).  Where the mm is attached to this
CPU alone the entry is only marked invalid: the CPU is busy here, and whoever comes to run the mm, on whichever CPU,
flushes it first.  Entries above tables are another matter: hardware keeps them until IDTE.

What is due is kept in the mm, as flush_mm: lazy clearing and tables set it, and the first flush clears it for every
gather on the mm.  Nothing is missed by that.  An entry is cleared before flush_mm is set, so whoever finds it set
flushes later than that; and whoever finds it clear has waited for context.lock, and so for the flush of who cleared it.

What a word says beside where a table is, is in s390_frag.py and s390_ptdesc.py.  Read in Debian's 6.1.192 and 6.12.117;
unverified for v5.7 and v7.0.  Not modelled: the flush of who comes to run the mm, which here waits for the gather's;
and the address spaces of guests.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import flush_tlb_bcast, free_page_and_swap_cache
from mmu_gather_spec.kernel_archs import (
    cpu_attach_mask_is_this_cpu,
    flush_mm,
    set_flush_mm,
    spin_lock_context,
    spin_unlock_context,
)
from mmu_gather_spec.kernel_later import flush_tlb_range_bcast, free_encoded_pages_and_swap_cache
from mmu_gather_spec.linked import tlb_remove_table
from mmu_gather_spec.linked_later import __tlb_adjust_range, page_table_free_rcu
from mmu_gather_spec.words import (
    ENCODED_PAGE_BIT_NR_PAGES_NEXT,
    encode_nr_pages,
    encode_page,
    mm_struct,
    nr_pages_t,
    page_p,
    pgf_p,
    pgtable_t,
    ranged_gather,
    table_p,
    unsigned_long,
)

#: A range may grow over several VMAs.
CONFIG_MMU_GATHER_MERGE_VMAS: Final = 1
#: Pages are not gathered: this file has the functions that would.
CONFIG_MMU_GATHER_NO_GATHER: Final = 1
PAGE: Final = 4096


def ptep_flush_lazy(mm: mm_struct, addr: int, /) -> None:
    """ptep_flush_lazy - IPTE on every CPU, or none yet where the mm is attached to this one alone

    Then the entry is only marked invalid.  The PTE lock is held, so that the task stays where it is.
    """
    if cpu_attach_mask_is_this_cpu(mm):
        set_flush_mm(mm, 1)
    else:
        flush_tlb_range_bcast(mm.context_id, addr, addr + PAGE, 1)


def ptep_get_and_clear_full(mm: mm_struct, addr: int, full: int, /) -> None:
    """ptep_get_and_clear_full - ptep_xchg_lazy(); where all of the mm goes nobody runs it, and a store is enough"""
    if not full:
        ptep_flush_lazy(mm, addr)


def __tlb_remove_page_size(tlb: ranged_gather, page: page_p, *how: int) -> bool:
    """__tlb_remove_page_size - the page is freed now: nothing leads to it any more"""
    free_page_and_swap_cache(page)
    return False


def __tlb_remove_folio_pages(tlb: ranged_gather, page: page_p, nr_pages: nr_pages_t, delay_rmap: bool, /) -> bool:
    """__tlb_remove_folio_pages - all of them are freed now; since v6.9"""
    slots = [encode_page(page, ENCODED_PAGE_BIT_NR_PAGES_NEXT), encode_nr_pages(nr_pages)]
    free_encoded_pages_and_swap_cache(slots, len(slots))
    return False


def tlb_delay_rmap(tlb: ranged_gather, /) -> bool:
    """tlb_delay_rmap - no: other CPUs' translations are gone already"""
    return False


def __tlb_flush_mm(mm: mm_struct, /) -> None:
    """__tlb_flush_mm - IDTE: all of the mm, with the entries above tables, on every CPU"""
    flush_tlb_bcast(mm.context_id)


def __tlb_flush_mm_lazy(mm: mm_struct, /) -> None:
    """__tlb_flush_mm_lazy - flush the mm where that is due, whoever made it so

    The lock is held over both: who finds flush_mm clear finds the mm flushed.
    """
    spin_lock_context(mm)
    if flush_mm(mm):
        set_flush_mm(mm, 0)
        __tlb_flush_mm(mm)
    spin_unlock_context(mm)


def tlb_flush(tlb: ranged_gather, /) -> None:
    """tlb_flush - the whole mm, where something of it is due"""
    __tlb_flush_mm_lazy(tlb.mm)


def pte_free_tlb(tlb: ranged_gather, pte: pgtable_t, address: int, /) -> None:
    """pte_free_tlb - s390's own: the entry of the segment table went"""
    __tlb_adjust_range(tlb, address, PAGE)
    set_flush_mm(tlb.mm, 1)
    tlb.freed_tables = 1
    tlb.cleared_pmds = 1
    page_table_free_rcu(tlb, pte)


def pmd_free_tlb(tlb: ranged_gather, pmd: table_p, address: int, /) -> None:
    """pmd_free_tlb - s390's own: the entry of the region table went"""
    __tlb_adjust_range(tlb, address, PAGE)
    set_flush_mm(tlb.mm, 1)
    tlb.freed_tables = 1
    tlb.cleared_puds = 1
    tlb_remove_table(tlb, pgf_p(unsigned_long(pmd)))


def __tlb_remove_tlb_entry(tlb: ranged_gather, ptep: object, address: int, /) -> None:
    """__tlb_remove_tlb_entry - nothing: the entry is gone"""
