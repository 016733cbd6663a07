# SPDX-License-Identifier: GPL-2.0-only
"""Book3E queues a PTE table first and invalidates the entry above it then."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import page_address, pgtable_page_dtor
from mmu_gather_spec.linked import pgtable_free_tlb, tlb_flush_pgtable
from mmu_gather_spec.words import mmu_gather, page_p, shift_t

#: the rule that catches it
BREAKS: Final = "arch.indirect-entry-first"
#: a case in which it does
SHOWS_IN: Final = "flush-between/nohash"
#: the architectures that it changes
ARCHS: Final = ["nohash"]


def __pte_free_tlb(tlb: mmu_gather, ptepage: page_p, address: int, /) -> None:
    """__pte_free_tlb - in the wrong order"""
    pgtable_page_dtor(ptepage)
    pgtable_free_tlb(tlb, page_address(ptepage), shift_t(0))
    tlb_flush_pgtable(tlb, address)
