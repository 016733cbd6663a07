# SPDX-License-Identifier: GPL-2.0-only
"""arch/powerpc/include/asm/pgalloc-32.h: every table is a page, so the mask is empty."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import BUG_ON, free_page
from mmu_gather_spec.words import mmu_gather, shift_t, table_p, unsigned_long

#: All levels are drawn from the page allocator: no shift but 0.
MAX_PGTABLE_INDEX_SIZE: Final = 0


def pgtable_free(table: table_p, shift: shift_t, /) -> None:
    """pgtable_free - give a table back to the page allocator"""
    BUG_ON(unsigned_long(shift) != 0, "index_size")
    free_page(unsigned_long(table))


def __pmd_free_tlb(tlb: mmu_gather, pmdp: table_p, address: int, /) -> None:
    """__pmd_free_tlb - nothing: the PMD is folded into the PGD"""
