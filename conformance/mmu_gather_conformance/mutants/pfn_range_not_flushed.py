# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: a VMA of pages that nobody counts is merged with its neighbours like any other."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather, tlb_flush_mmu_tlbonly
from mmu_gather_spec.linked_later import IS_ENABLED
from mmu_gather_spec.words import vm_area_struct

#: the rule that catches it
BREAKS: Final = "order.pfn-flushed-before-detach"
#: a case in which it does
SHOWS_IN: Final = "pages-nobody-counts/nohash"
#: the architectures that it changes
ARCHS: Final = ["nohash"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_end_vma(tlb: mmu_gather, vma: vm_area_struct, /) -> None:
    """tlb_end_vma - vma_pfn is not asked for"""
    if not tlb.fullmm and not IS_ENABLED("CONFIG_MMU_GATHER_MERGE_VMAS"):
        tlb_flush_mmu_tlbonly(tlb)
