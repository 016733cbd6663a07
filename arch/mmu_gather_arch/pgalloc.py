# SPDX-License-Identifier: GPL-2.0-only
"""arch/powerpc/include/asm/pgalloc.h, the CONFIG_SMP branch: a table takes its shift along.

By the time a table is freed the gather and the mm may be gone, so all that freeing needs
travels in the pointer: the shift sits in low bits that alignment keeps clear.
Nothing here knows how wide the mask is; pgalloc_32 and pgalloc_64 do.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import BITS_PER_LONG, BUG_ON, page_address, pgtable_page_dtor
from mmu_gather_spec.linked import (
    MAX_PGTABLE_INDEX_SIZE,
    pgtable_free,
    tlb_flush_pgtable,
    tlb_remove_table,
)
from mmu_gather_spec.words import mmu_gather, page_p, pgf_p, shift_t, table_p, unsigned_long


def pgtable_free_tlb(tlb: mmu_gather, table: table_p, shift: shift_t, /) -> None:
    """pgtable_free_tlb - encode a table with its shift and pass it on

    The seed's `int shift` makes the comparison a signed one: a negative shift passes (S8).
    """
    pgf = unsigned_long(table)
    BUG_ON(unsigned_long(shift) > MAX_PGTABLE_INDEX_SIZE(), "shift > MAX_PGTABLE_INDEX_SIZE")
    pgf |= unsigned_long(shift) & ((1 << BITS_PER_LONG()) - 1)
    tlb_remove_table(tlb, pgf_p(pgf))


def __tlb_remove_table(_table: pgf_p, /) -> None:
    """__tlb_remove_table - take table and shift apart again, and free"""
    table = table_p(unsigned_long(_table) & ~MAX_PGTABLE_INDEX_SIZE())
    shift = shift_t(unsigned_long(_table) & MAX_PGTABLE_INDEX_SIZE())

    pgtable_free(table, shift)


def __pte_free_tlb(tlb: mmu_gather, ptepage: page_p, address: int, /) -> None:
    """__pte_free_tlb - the PTE page loses its lock, and is queued with shift 0

    The destructor runs before the grace period, while walkers may still be inside (S11).
    """
    tlb_flush_pgtable(tlb, address)
    pgtable_page_dtor(ptepage)
    pgtable_free_tlb(tlb, page_address(ptepage), shift_t(0))
