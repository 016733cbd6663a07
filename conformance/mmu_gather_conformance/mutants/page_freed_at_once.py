# SPDX-License-Identifier: GPL-2.0-only
"""Every page is freed at once, however many CPUs there are."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_spec.kernel import free_page_and_swap_cache
from mmu_gather_spec.words import page_p

#: the rule that catches it
BREAKS: Final = "order.page-freed-after-flush"
#: a case in which it does
SHOWS_IN: Final = "flush-between/nohash"
#: the architectures that it changes
ARCHS: Final = ["nohash", "ipi"]


def tlb_remove_page(tlb: mmu_gather, page: page_p, /) -> None:
    """tlb_remove_page - always as in fast mode"""
    tlb.need_flush = 1
    free_page_and_swap_cache(page)
