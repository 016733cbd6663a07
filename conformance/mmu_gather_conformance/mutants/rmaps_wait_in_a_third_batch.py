# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: with rmaps pending the chain of slots grows on, beyond the two batches that are looked through for them."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12 import mmu_gather as mm_mmu_gather_c
from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather

#: the rule that catches it
BREAKS: Final = "order.rmap-removed-before-free"
#: a case in which it does
SHOWS_IN: Final = "many-dirty-pages/radix/small"
#: the architectures that it changes
ARCHS: Final = ["radix"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_next_batch(tlb: mmu_gather, /) -> bool:
    """tlb_next_batch - whatever is pending"""
    pending, tlb.delayed_rmap = tlb.delayed_rmap, 0
    found = mm_mmu_gather_c.tlb_next_batch(tlb)
    tlb.delayed_rmap = pending
    return found
