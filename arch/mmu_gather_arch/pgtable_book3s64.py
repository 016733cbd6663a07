# SPDX-License-Identifier: GPL-2.0-only
"""arch/powerpc/mm/book3s64/pgtable.c and asm/book3s/64/pgalloc.h since v4.18: a table takes its kind along, no size.

PTE tables and PMD tables are fragments of pages, a PUD table comes from a cache, and a PGD table is not freed through
RCU: so the kind says what to do, and the size would not.  In the model each fragment has a page to itself.
Read in Debian's 6.1.192 and 6.12.117; for v4.19 the same text was seen in a tree of that time, where on UP tables are
freed at once (pgtable_book3s64_up.py).  Unverified for v5.7 and v7.0.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import (
    BITS_PER_LONG,
    BUG_ON,
    PAGE_SIZE,
    free_page,
    kmem_cache_free,
    pgtable_page_dtor,
)
from mmu_gather_spec.linked import tlb_remove_table
from mmu_gather_spec.linked_later import IS_ENABLED, pte_fragment_free
from mmu_gather_spec.pgtable_index import (
    H_16G_CACHE_INDEX,
    H_16M_CACHE_INDEX,
    PUD_CACHE_INDEX,
    SZ_64K,
    PgtableIndex,
)
from mmu_gather_spec.words import mmu_gather, page_p, pgf_p, pgtable_t, shift_t, table_p, unsigned_long

#: Also used as a mask, so it is one less than a power of two.
MAX_PGTABLE_INDEX_SIZE: Final = 0xF


def pmd_fragment_free(table: table_p, /) -> None:
    """pmd_fragment_free - give a PMD table back; its page has a lock as well"""
    pgtable_page_dtor(page_p(unsigned_long(table)))
    free_page(unsigned_long(table))


def __pud_free(table: table_p, /) -> None:
    """__pud_free - give a PUD table back to its cache"""
    kmem_cache_free(PUD_CACHE_INDEX(PAGE_SIZE()), table)


def pgtable_free(table: table_p, index: shift_t, /) -> None:
    """pgtable_free - give a table back, the way its kind is

    The directories of huge pages have caches of their own, with 4K pages, until v6.10.
    """
    hugepd = bool(IS_ENABLED("CONFIG_ARCH_HAS_HUGEPD")) and PAGE_SIZE() != SZ_64K
    match unsigned_long(index):
        case PgtableIndex.PTE_INDEX:
            pte_fragment_free(table, 0)
        case PgtableIndex.PMD_INDEX:
            pmd_fragment_free(table)
        case PgtableIndex.PUD_INDEX:
            __pud_free(table)
        case PgtableIndex.HTLB_16M_INDEX if hugepd:
            kmem_cache_free(H_16M_CACHE_INDEX, table)
        case PgtableIndex.HTLB_16G_INDEX if hugepd:
            kmem_cache_free(H_16G_CACHE_INDEX, table)
        case _:
            BUG_ON(True, "a table of a kind that is not freed through RCU")


def pgtable_free_tlb(tlb: mmu_gather, table: table_p, index: shift_t, /) -> None:
    """pgtable_free_tlb - encode a table with its kind and pass it on; `int index`, and so S8 still"""
    pgf = unsigned_long(table)
    BUG_ON(unsigned_long(index) > MAX_PGTABLE_INDEX_SIZE, "index > MAX_PGTABLE_INDEX_SIZE")
    pgf |= unsigned_long(index) & ((1 << BITS_PER_LONG()) - 1)
    tlb_remove_table(tlb, pgf_p(pgf))


def __tlb_remove_table(_table: pgf_p, /) -> None:
    """__tlb_remove_table - take table and kind apart again, and free"""
    table = table_p(unsigned_long(_table) & ~MAX_PGTABLE_INDEX_SIZE)
    index = shift_t(unsigned_long(_table) & MAX_PGTABLE_INDEX_SIZE)

    pgtable_free(table, index)


def __pte_free_tlb(tlb: mmu_gather, table: pgtable_t, address: int, /) -> None:
    """__pte_free_tlb - queue a PTE table as one; its destructor waits"""
    pgtable_free_tlb(tlb, table_p(unsigned_long(table)), shift_t(PgtableIndex.PTE_INDEX))


def __pmd_free_tlb(tlb: mmu_gather, pmd: table_p, address: int, /) -> None:
    """__pmd_free_tlb - queue a PMD table as one"""
    pgtable_free_tlb(tlb, pmd, shift_t(PgtableIndex.PMD_INDEX))
