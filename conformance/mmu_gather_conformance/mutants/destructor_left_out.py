# SPDX-License-Identifier: GPL-2.0-only
"""A PTE page goes back to the allocator with its lock."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import page_address
from mmu_gather_spec.linked import pgtable_free_tlb, tlb_flush_pgtable
from mmu_gather_spec.words import mmu_gather, page_p, shift_t

#: the rule that catches it
BREAKS: Final = "order.destructor-before-free"
#: a case in which it does
SHOWS_IN: Final = "one-table/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash32", "hash64", "nohash"]


def __pte_free_tlb(tlb: mmu_gather, ptepage: page_p, address: int, /) -> None:
    """__pte_free_tlb - without pgtable_page_dtor"""
    tlb_flush_pgtable(tlb, address)
    pgtable_free_tlb(tlb, page_address(ptepage), shift_t(0))
