# SPDX-License-Identifier: GPL-2.0-only
"""arch/s390/include/asm/tlb.h since v5.7: an entry is invalidated when it is cleared, so pages need no gather.

An entry that a CPU may use must not be changed under it: IPTE clears it and drops it on every CPU at once, and
interrupts none.  So a page is freed as soon as it is given (MMU_GATHER_NO_GATHER).  Entries above tables are
another matter: hardware keeps them until IDTE, which is what tlb_flush() does where tables were freed.
What a word says beside where a table is, is in s390_frag.py and s390_ptdesc.py.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import flush_tlb_bcast, free_page_and_swap_cache
from mmu_gather_spec.kernel_later import flush_tlb_range_bcast
from mmu_gather_spec.linked import tlb_remove_table
from mmu_gather_spec.linked_later import __tlb_adjust_range, page_table_free_rcu
from mmu_gather_spec.words import mm_struct, page_p, pgf_p, pgtable_t, ranged_gather, table_p, unsigned_long

#: A range may grow over several VMAs.
CONFIG_MMU_GATHER_MERGE_VMAS: Final = 1
PAGE: Final = 4096


def ptep_get_and_clear(mm: mm_struct, addr: int, /) -> None:
    """ptep_get_and_clear - IPTE: this translation is gone, on every CPU"""
    flush_tlb_range_bcast(mm.context_id, addr, addr + PAGE, 1)


def __tlb_remove_page_size(tlb: ranged_gather, page: page_p, *how: int) -> bool:
    """__tlb_remove_page_size - the page is freed now: nothing leads to it any more"""
    free_page_and_swap_cache(page)
    return False


def tlb_delay_rmap(tlb: ranged_gather, /) -> bool:
    """tlb_delay_rmap - no: other CPUs' translations are gone already"""
    return False


def tlb_flush(tlb: ranged_gather, /) -> None:
    """tlb_flush - __tlb_flush_mm_lazy(): IDTE, where an entry above a table was cleared"""
    if tlb.freed_tables:
        flush_tlb_bcast(tlb.mm.context_id)


def pte_free_tlb(tlb: ranged_gather, pte: pgtable_t, address: int, /) -> None:
    """pte_free_tlb - s390's own: the entry of the segment table went"""
    __tlb_adjust_range(tlb, address, PAGE)
    tlb.freed_tables = 1
    tlb.cleared_pmds = 1
    page_table_free_rcu(tlb, pte)


def pmd_free_tlb(tlb: ranged_gather, pmd: table_p, address: int, /) -> None:
    """pmd_free_tlb - s390's own: the entry of the region table went"""
    __tlb_adjust_range(tlb, address, PAGE)
    tlb.freed_tables = 1
    tlb.cleared_puds = 1
    tlb_remove_table(tlb, pgf_p(unsigned_long(pmd)))


def __tlb_remove_tlb_entry(tlb: ranged_gather, ptep: object, address: int, /) -> None:
    """__tlb_remove_tlb_entry - nothing: the entry is gone"""
