# SPDX-License-Identifier: GPL-2.0-only
"""The destructor of a PTE page runs on a PMD table as well, which has neither lock nor count."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import pgtable_page_dtor
from mmu_gather_spec.linked import PMD_INDEX_SIZE, pgtable_free_tlb
from mmu_gather_spec.words import mmu_gather, page_p, shift_t, table_p, unsigned_long

#: the rule that catches it
BREAKS: Final = "order.destructor-before-free"
#: a case in which it does
SHOWS_IN: Final = "one-pmd-table/hash64/small"
#: the architectures that it changes
ARCHS: Final = ["hash64", "nohash"]


def __pmd_free_tlb(tlb: mmu_gather, pmdp: table_p, address: int, /) -> None:
    """__pmd_free_tlb - as for a PTE page"""
    pgtable_page_dtor(page_p(unsigned_long(pmdp)))
    pgtable_free_tlb(tlb, pmdp, shift_t(PMD_INDEX_SIZE()))
