# SPDX-License-Identifier: GPL-2.0-only
"""arch/powerpc/include/asm/{book3s/32,nohash}/pgalloc.h since v5.7: PTE tables are fragments, batched on SMP and on UP.

Where the 64-bit Book3S queues the kind of a table (pgtable_book3s64.py) these queue its size.  On UP tables are batched
as on SMP, since a gather may be preempted between the free and the flush.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import BITS_PER_LONG, BUG_ON, kmem_cache_free
from mmu_gather_spec.linked import PMD_INDEX_SIZE, tlb_flush_pgtable, tlb_remove_table
from mmu_gather_spec.linked_later import pte_fragment_free
from mmu_gather_spec.words import mmu_gather, pgf_p, pgtable_t, shift_t, table_p, unsigned_long

#: Also used as a mask, so it is one less than a power of two; the same on 32-bit.
MAX_PGTABLE_INDEX_SIZE: Final = 0xF


def pgtable_free(table: table_p, shift: shift_t, /) -> None:
    """pgtable_free - give a table back to where it came from"""
    if unsigned_long(shift) == 0:
        pte_fragment_free(table, 0)
    else:
        BUG_ON(unsigned_long(shift) > MAX_PGTABLE_INDEX_SIZE, "shift > MAX_PGTABLE_INDEX_SIZE")
        kmem_cache_free(unsigned_long(shift), table)


def pgtable_free_tlb(tlb: mmu_gather, table: table_p, shift: shift_t, /) -> None:
    """pgtable_free_tlb - encode a table with its shift and pass it on; `int shift` still (S8)"""
    pgf = unsigned_long(table)
    BUG_ON(unsigned_long(shift) > MAX_PGTABLE_INDEX_SIZE, "shift > MAX_PGTABLE_INDEX_SIZE")
    pgf |= unsigned_long(shift) & ((1 << BITS_PER_LONG()) - 1)
    tlb_remove_table(tlb, pgf_p(pgf))


def __tlb_remove_table(_table: pgf_p, /) -> None:
    """__tlb_remove_table - take table and shift apart again, and free"""
    table = table_p(unsigned_long(_table) & ~MAX_PGTABLE_INDEX_SIZE)
    shift = shift_t(unsigned_long(_table) & MAX_PGTABLE_INDEX_SIZE)

    pgtable_free(table, shift)


def __pte_free_tlb(tlb: mmu_gather, table: pgtable_t, address: int, /) -> None:
    """__pte_free_tlb - queue a PTE table with shift 0; its destructor waits"""
    tlb_flush_pgtable(tlb, address)
    pgtable_free_tlb(tlb, table_p(unsigned_long(table)), shift_t(0))


def __pmd_free_tlb(tlb: mmu_gather, pmdp: table_p, address: int, /) -> None:
    """__pmd_free_tlb - queue a PMD table with its index size; nothing where the PMD is folded"""
    if PMD_INDEX_SIZE():
        pgtable_free_tlb(tlb, pmdp, shift_t(PMD_INDEX_SIZE()))
