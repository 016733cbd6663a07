# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: the range ends where the last entry begins."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather

#: the rule that catches it
BREAKS: Final = "gather.range-covers"
#: a case in which it does
SHOWS_IN: Final = "one-page/radix"
#: the architectures that it changes
ARCHS: Final = ["radix"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def __tlb_adjust_range(tlb: mmu_gather, address: int, range_size: int, /) -> None:
    """__tlb_adjust_range - the size is forgotten"""
    tlb.start = min(tlb.start, address)
    tlb.end = max(tlb.end, address)
