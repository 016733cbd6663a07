# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: that a table was freed is not kept, so that walk caches stay as they are."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather, tlb_flush_pmd_range
from mmu_gather_spec.kernel import PAGE_SIZE
from mmu_gather_spec.linked_later import __pte_free_tlb
from mmu_gather_spec.words import pgtable_t

#: the rule that catches it
BREAKS: Final = "gather.freed-tables-known"
#: a case in which it does
SHOWS_IN: Final = "one-table/radix"
#: the architectures that it changes
ARCHS: Final = ["radix"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def pte_free_tlb(tlb: mmu_gather, ptep: pgtable_t, address: int, /) -> None:
    """pte_free_tlb - freed_tables is not set"""
    tlb_flush_pmd_range(tlb, address, PAGE_SIZE())
    __pte_free_tlb(tlb, ptep, address)
