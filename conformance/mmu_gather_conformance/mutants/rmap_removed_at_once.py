# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: a page whose rmap was to wait loses it when it is given."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather
from mmu_gather_reference.v6_12.mmu_gather import __tlb_remove_folio_pages_size
from mmu_gather_spec.kernel_later import folio_remove_rmap_ptes
from mmu_gather_spec.words import nr_pages_t, page_p

#: the rule that catches it
BREAKS: Final = "order.rmap-removed-after-flush"
#: a case in which it does
SHOWS_IN: Final = "dirty-pages/nohash"
#: the architectures that it changes
ARCHS: Final = ["nohash"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def __tlb_remove_page_size(tlb: mmu_gather, page: page_p, delay_rmap: bool, page_size: int, /) -> bool:
    """__tlb_remove_page_size - before the flush"""
    if delay_rmap:
        folio_remove_rmap_ptes(page, nr_pages_t(1))
    return __tlb_remove_folio_pages_size(tlb, page, nr_pages_t(1), False, page_size)
