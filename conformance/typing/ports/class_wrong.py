# SPDX-License-Identifier: GPL-2.0-only
"""A class with one method missing and one swapped."""

# expect: __tlb_remove_table MISSING
# expect: pgtable_free_tlb SIGNATURE

from __future__ import annotations

from mmu_gather_spec.contract.class_port import publish
from mmu_gather_spec.words import mmu_gather, page_p, pte_t, shift_t, table_p

MAX_PGTABLE_INDEX_SIZE = 0xF


class Hash32:
    def tlb_flush(self, tlb: mmu_gather, /) -> None: ...

    def pgtable_free_tlb(self, tlb: mmu_gather, shift: shift_t, table: table_p, /) -> None: ...

    def __pte_free_tlb(self, tlb: mmu_gather, ptepage: page_p, address: int, /) -> None: ...

    def __pmd_free_tlb(self, tlb: mmu_gather, pmdp: table_p, address: int, /) -> None: ...

    def __tlb_remove_tlb_entry(self, tlb: mmu_gather, ptep: pte_t, address: int, /) -> None: ...


publish(Hash32(), globals())
