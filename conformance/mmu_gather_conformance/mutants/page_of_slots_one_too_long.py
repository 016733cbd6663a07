# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: a page of slots is taken for one slot longer than it is, which a run of pages at its end needs."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12 import mmu_gather as mm_mmu_gather_c
from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather
from mmu_gather_reference.v6_12.mmu_gather_batch import MAX_GATHER_BATCH

#: the rule that catches it
BREAKS: Final = "batch.fits-a-page"
#: a case in which it does
SHOWS_IN: Final = "pages-of-folios/radix/small"
#: the architectures that it changes
ARCHS: Final = ["radix"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_next_batch(tlb: mmu_gather, /) -> bool:
    """tlb_next_batch - the header is forgotten in the count"""
    found = mm_mmu_gather_c.tlb_next_batch(tlb)
    if found and tlb.active is not tlb.local:
        tlb.active.max = MAX_GATHER_BATCH() + 1
    return found
