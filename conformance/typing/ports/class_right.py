# SPDX-License-Identifier: GPL-2.0-only
"""An arch half as a class, published by the adapter."""

# expect: every function ok

from __future__ import annotations

from mmu_gather_spec.contract.class_port import publish
from mmu_gather_spec.words import mmu_gather, page_p, pgf_p, pte_t, shift_t, table_p

MAX_PGTABLE_INDEX_SIZE = 0xF


class Hash32:
    def tlb_flush(self, tlb: mmu_gather, /) -> None: ...

    def __tlb_remove_table(self, _table: pgf_p, /) -> None: ...

    def pgtable_free_tlb(self, tlb: mmu_gather, table: table_p, shift: shift_t, /) -> None: ...

    def __pte_free_tlb(self, tlb: mmu_gather, ptepage: page_p, address: int, /) -> None: ...

    def __pmd_free_tlb(self, tlb: mmu_gather, pmdp: table_p, address: int, /) -> None: ...

    def __tlb_remove_tlb_entry(self, tlb: mmu_gather, ptep: pte_t, address: int, /) -> None: ...


publish(Hash32(), globals())
