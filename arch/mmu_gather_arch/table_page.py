# SPDX-License-Identifier: GPL-2.0-only
"""arch/arm64/include/asm/tlb.h and arch/x86/mm/pgtable.c until v6.13: tables are pages, and freed as a page is.

The destructor runs before the table is queued, while walkers may still be inside (S11).
"""

from __future__ import annotations

from mmu_gather_spec.kernel import free_page, pgtable_page_dtor
from mmu_gather_spec.linked import tlb_remove_table
from mmu_gather_spec.words import mmu_gather, page_p, pgf_p, pgtable_t, table_p, unsigned_long


def __tlb_remove_table(_table: pgf_p, /) -> None:
    """__tlb_remove_table - give the page back"""
    free_page(unsigned_long(_table))


def __pte_free_tlb(tlb: mmu_gather, pte: pgtable_t, addr: int, /) -> None:
    """__pte_free_tlb - the PTE page loses its lock, and is queued"""
    pgtable_page_dtor(page_p(unsigned_long(pte)))
    tlb_remove_table(tlb, pgf_p(unsigned_long(pte)))


def __pmd_free_tlb(tlb: mmu_gather, pmdp: table_p, addr: int, /) -> None:
    """__pmd_free_tlb - a PMD table is queued, too"""
    tlb_remove_table(tlb, pgf_p(unsigned_long(pmdp)))
