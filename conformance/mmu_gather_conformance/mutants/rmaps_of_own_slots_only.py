# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: of the rmaps that wait, those of the gather's own slots are removed, and no others."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather
from mmu_gather_reference.v6_12.mmu_gather import tlb_flush_rmap_batch
from mmu_gather_spec.words import vm_area_struct

#: the rule that catches it
BREAKS: Final = "order.rmap-removed-before-free"
#: a case in which it does
SHOWS_IN: Final = "many-dirty-pages/radix/small"
#: the architectures that it changes
ARCHS: Final = ["radix"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_flush_rmaps(tlb: mmu_gather, vma: vm_area_struct, /) -> None:
    """tlb_flush_rmaps - the batch that is being filled is forgotten"""
    if tlb.delayed_rmap:
        tlb_flush_rmap_batch(tlb.local)
        tlb.delayed_rmap = 0
