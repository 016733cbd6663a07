# SPDX-License-Identifier: GPL-2.0-only
"""When the slots are full, the pages in them are freed, and what was unmapped so far is not invalidated."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather, tlb_fast_mode
from mmu_gather_spec.kernel import free_page_and_swap_cache, free_pages_and_swap_cache
from mmu_gather_spec.words import page_p

#: the rule that catches it
BREAKS: Final = "order.page-freed-after-flush"
#: a case in which it does
SHOWS_IN: Final = "nine-pages/nohash"
#: the architectures that it changes
ARCHS: Final = ["nohash", "hardware-walker", "ipi"]


def tlb_remove_page(tlb: mmu_gather, page: page_p, /) -> None:
    """tlb_remove_page - the flush is left to the end of the gather"""
    tlb.need_flush = 1
    if tlb_fast_mode(tlb):
        free_page_and_swap_cache(page)
        return
    tlb.pages[tlb.nr] = page
    tlb.nr += 1
    if tlb.nr >= tlb.max:
        free_pages_and_swap_cache(tlb.pages, tlb.nr)
        tlb.nr = 0
