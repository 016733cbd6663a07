# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: entries of two page sizes wait for one flush."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather

#: the rule that catches it
BREAKS: Final = "gather.one-page-size-per-flush"
#: a case in which it does
SHOWS_IN: Final = "page-sizes-change/nohash"
#: the architectures that it changes
ARCHS: Final = ["nohash"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_change_page_size(tlb: mmu_gather, page_size: int, /) -> None:
    """tlb_change_page_size - nothing is flushed"""
    tlb.page_size = page_size
