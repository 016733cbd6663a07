# SPDX-License-Identifier: GPL-2.0-only
"""v7.0: that pages nobody counts were unmapped is forgotten with the next mapping."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v7_0.asm_generic_tlb import mmu_gather
from mmu_gather_spec.words import vm_area_struct

#: the rule that catches it
BREAKS: Final = "order.pfn-flushed-before-detach"
#: a case in which it does
SHOWS_IN: Final = "pages-nobody-counts-first/radix"
#: the architectures that it changes
ARCHS: Final = ["radix"]
#: the era whose reference it changes
ERA: Final = "v7.0"


def tlb_update_vma_flags(tlb: mmu_gather, vma: vm_area_struct, /) -> None:
    """tlb_update_vma_flags - as in v6.12, where each mapping had its flush behind it"""
    tlb.vma_huge = int(vma.vm_hugetlb)
    tlb.vma_exec = int(vma.vm_exec)
    tlb.vma_pfn = int(vma.vm_pfn)
