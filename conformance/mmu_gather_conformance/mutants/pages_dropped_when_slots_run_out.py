# SPDX-License-Identifier: GPL-2.0-only
"""When the slots are full, the pages in them are forgotten."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather, tlb_fast_mode
from mmu_gather_spec.kernel import free_page_and_swap_cache
from mmu_gather_spec.words import page_p

#: the rule that catches it
BREAKS: Final = "progress.pages-without-a-page"
#: a case in which it does
SHOWS_IN: Final = "nine-pages/hash64"


def tlb_remove_page(tlb: mmu_gather, page: page_p, /) -> None:
    """tlb_remove_page - a full array is begun anew, without a flush"""
    tlb.need_flush = 1
    if tlb_fast_mode(tlb):
        free_page_and_swap_cache(page)
        return
    tlb.pages[tlb.nr] = page
    tlb.nr += 1
    if tlb.nr >= tlb.max:
        tlb.nr = 0
