# SPDX-License-Identifier: GPL-2.0-only
"""Book3E, below two users: the entry above a PTE table is left, since nobody can be walking."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import atomic_read, page_address, pgtable_page_dtor
from mmu_gather_spec.linked import pgtable_free_tlb, tlb_flush_pgtable
from mmu_gather_spec.words import mmu_gather, page_p, shift_t

#: the rule that catches it
BREAKS: Final = "order.shortcut-after-invalidation"
#: a case in which it does
SHOWS_IN: Final = "users-come-and-go/nohash"
#: the architectures that it changes
ARCHS: Final = ["nohash"]


def __pte_free_tlb(tlb: mmu_gather, ptepage: page_p, address: int, /) -> None:
    """__pte_free_tlb - the entry goes only where the table has to wait"""
    if atomic_read(tlb.mm.mm_users) >= 2:
        tlb_flush_pgtable(tlb, address)
    pgtable_page_dtor(ptepage)
    pgtable_free_tlb(tlb, page_address(ptepage), shift_t(0))
