# SPDX-License-Identifier: GPL-2.0-only
"""arch/powerpc/include/asm/pgalloc-64.h: tables of many sizes, each from its own cache.

PGT_CACHE(shift) holds tables of `1 << shift` pointers, aligned so that the mask's bits are
clear; shift 0 stands for a PTE page, which comes from the page allocator.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import BUG_ON, free_page, kmem_cache_free
from mmu_gather_spec.linked import PMD_INDEX_SIZE, pgtable_free_tlb
from mmu_gather_spec.words import mmu_gather, shift_t, table_p, unsigned_long

#: Also used as a mask, so it is one less than a power of two.
MAX_PGTABLE_INDEX_SIZE: Final = 0xF


def PGT_CACHE(shift: shift_t, /) -> int:
    """PGT_CACHE - which cache tables of this index size come from"""
    return unsigned_long(shift)


def pgtable_free(table: table_p, shift: shift_t, /) -> None:
    """pgtable_free - give a table back to where it came from

    The index is unsigned, so a negative shift is far out of range here.
    """
    if unsigned_long(shift) == 0:
        free_page(unsigned_long(table))
    else:
        BUG_ON(not 0 < unsigned_long(shift) <= MAX_PGTABLE_INDEX_SIZE, "index_size > MAX_PGTABLE_INDEX_SIZE")
        kmem_cache_free(PGT_CACHE(shift), table)


def __pmd_free_tlb(tlb: mmu_gather, pmdp: table_p, address: int, /) -> None:
    """__pmd_free_tlb - queue a PMD table with its index size"""
    pgtable_free_tlb(tlb, pmdp, shift_t(PMD_INDEX_SIZE()))
