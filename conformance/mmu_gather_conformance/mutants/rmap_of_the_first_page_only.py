# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: of a run of pages the first loses its rmap, and the others keep theirs."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12.mmu_gather_batch import gather_batch
from mmu_gather_spec.kernel_later import folio_remove_rmap_ptes
from mmu_gather_spec.words import (
    ENCODED_PAGE_BIT_DELAY_RMAP,
    ENCODED_PAGE_BIT_NR_PAGES_NEXT,
    encoded_page_flags,
    encoded_page_ptr,
    nr_pages_t,
)

#: the rule that catches it
BREAKS: Final = "order.rmap-removed-before-free"
#: a case in which it does
SHOWS_IN: Final = "pages-of-folios/radix"
#: the architectures that it changes
ARCHS: Final = ["radix"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_flush_rmap_batch(batch: gather_batch, /) -> None:
    """tlb_flush_rmap_batch - a slot with a count is stepped over"""
    pages = batch.encoded_pages
    i = 0
    while i < batch.nr:
        enc = pages[i]
        if encoded_page_flags(enc) & ENCODED_PAGE_BIT_DELAY_RMAP:
            folio_remove_rmap_ptes(encoded_page_ptr(enc), nr_pages_t(1))
        i += 2 if encoded_page_flags(enc) & ENCODED_PAGE_BIT_NR_PAGES_NEXT else 1
