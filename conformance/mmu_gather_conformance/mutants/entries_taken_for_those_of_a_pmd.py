# SPDX-License-Identifier: GPL-2.0-only
"""v6.1: an entry of a PTE table is noted as one of a PMD table, so that a flush takes steps that are too long."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_1.asm_generic_tlb import mmu_gather, tlb_flush_pmd_range
from mmu_gather_spec.kernel import PAGE_SIZE
from mmu_gather_spec.linked import __tlb_remove_tlb_entry
from mmu_gather_spec.words import pte_t

#: the rule that catches it
BREAKS: Final = "gather.range-covers"
#: a case in which it does
SHOWS_IN: Final = "nine-pages/arm64"
#: the architectures that it changes
ARCHS: Final = ["arm64"]
#: the era whose reference it changes
ERA: Final = "v6.1"


def tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None:
    """tlb_remove_tlb_entry - cleared_pmds in the place of cleared_ptes"""
    tlb_flush_pmd_range(tlb, address, PAGE_SIZE())
    __tlb_remove_tlb_entry(tlb, ptep, address)
