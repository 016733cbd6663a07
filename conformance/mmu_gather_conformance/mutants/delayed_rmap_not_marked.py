# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: a slot does not say that its page still has its rmap, so that nobody removes it."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12 import mmu_gather as mm_mmu_gather_c
from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather
from mmu_gather_spec.words import page_p

#: the rule that catches it
BREAKS: Final = "order.rmap-removed-before-free"
#: a case in which it does
SHOWS_IN: Final = "dirty-pages/radix"
#: the architectures that it changes
ARCHS: Final = ["radix"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def __tlb_remove_page_size(tlb: mmu_gather, page: page_p, delay_rmap: bool, page_size: int, /) -> bool:
    """__tlb_remove_page_size - without ENCODED_PAGE_BIT_DELAY_RMAP"""
    return mm_mmu_gather_c.__tlb_remove_page_size(tlb, page, False, page_size)
