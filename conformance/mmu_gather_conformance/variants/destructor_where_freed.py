# SPDX-License-Identifier: GPL-2.0-only
"""A PTE page loses its lock where it is freed, behind the wait; later than in the seed is safe for any walker."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import BUG_ON, free_page, kmem_cache_free, page_address, pgtable_page_dtor
from mmu_gather_spec.linked import MAX_PGTABLE_INDEX_SIZE, pgtable_free_tlb, tlb_flush_pgtable
from mmu_gather_spec.words import mmu_gather, page_p, shift_t, table_p, unsigned_long

#: the architectures that it changes
ARCHS: Final = ["hash32", "hash64", "nohash"]


def pgtable_free(table: table_p, shift: shift_t, /) -> None:
    """pgtable_free - shift 0 says that it is a PTE page"""
    if unsigned_long(shift) == 0:
        pgtable_page_dtor(page_p(unsigned_long(table)))
        free_page(unsigned_long(table))
    else:
        BUG_ON(not 0 < unsigned_long(shift) <= MAX_PGTABLE_INDEX_SIZE(), "index_size > MAX_PGTABLE_INDEX_SIZE")
        kmem_cache_free(unsigned_long(shift), table)


def __pte_free_tlb(tlb: mmu_gather, ptepage: page_p, address: int, /) -> None:
    """__pte_free_tlb - the lock waits with the page"""
    tlb_flush_pgtable(tlb, address)
    pgtable_free_tlb(tlb, page_address(ptepage), shift_t(0))
