# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: of a run of pages the first has its slot, and how many there are is not noted."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather
from mmu_gather_reference.v6_12.mmu_gather import __tlb_remove_folio_pages_size
from mmu_gather_spec.kernel import PAGE_SIZE
from mmu_gather_spec.words import nr_pages_t, page_p

#: the rule that catches it
BREAKS: Final = "progress.pages-without-a-page"
#: a case in which it does
SHOWS_IN: Final = "pages-of-folios/radix"
#: the architectures that it changes
ARCHS: Final = ["radix"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def __tlb_remove_folio_pages(tlb: mmu_gather, page: page_p, nr_pages: nr_pages_t, delay_rmap: bool, /) -> bool:
    """__tlb_remove_folio_pages - as if it was one page"""
    return __tlb_remove_folio_pages_size(tlb, page, nr_pages_t(1), delay_rmap, PAGE_SIZE())
