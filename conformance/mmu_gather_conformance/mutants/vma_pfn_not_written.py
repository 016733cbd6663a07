# SPDX-License-Identifier: GPL-2.0-only
"""v7.0: whether pages nobody counts were unmapped is left as it was on the stack."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v7_0 import mmu_gather as mm_mmu_gather_c
from mmu_gather_reference.v7_0.asm_generic_tlb import mmu_gather
from mmu_gather_spec.words import mm_struct

#: the rule that catches it
BREAKS: Final = "gather.every-field-written"
#: a case in which it does
SHOWS_IN: Final = "a-mapping-leaves/radix"
#: the architectures that it changes
ARCHS: Final = ["radix"]
#: the era whose reference it changes
ERA: Final = "v7.0"


def __tlb_gather_mmu(tlb: mmu_gather, mm: mm_struct, fullmm: bool, /) -> None:
    """__tlb_gather_mmu - as in v6.12, where tlb_start_vma() wrote it"""
    kept = tlb.vma_pfn
    mm_mmu_gather_c.__tlb_gather_mmu(tlb, mm, fullmm)
    tlb.vma_pfn = kept
