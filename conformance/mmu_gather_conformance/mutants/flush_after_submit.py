# SPDX-License-Identifier: GPL-2.0-only
"""The tables go to RCU before the invalidation."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import __tlb_alloc_pages, mmu_gather, tlb_fast_mode
from mmu_gather_spec.kernel import free_pages_and_swap_cache
from mmu_gather_spec.linked import tlb_flush, tlb_table_flush

#: the rule that catches it
BREAKS: Final = "order.invalidate-submit-free"
#: a case in which it does
SHOWS_IN: Final = "flush-between/hash64"


def tlb_flush_mmu(tlb: mmu_gather, start: int, end: int, /) -> None:
    """tlb_flush_mmu - the two are swapped"""
    if not tlb.need_flush:
        return
    tlb.need_flush = 0
    tlb_table_flush(tlb)
    tlb_flush(tlb)
    if not tlb_fast_mode(tlb):
        free_pages_and_swap_cache(tlb.pages, tlb.nr)
        tlb.nr = 0
        if tlb.pages is tlb.local:
            __tlb_alloc_pages(tlb)
