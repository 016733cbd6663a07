# SPDX-License-Identifier: GPL-2.0-only
"""Five functions missing, three signatures wrong, arguments swapped, and one untyped."""

# expect: tlb_finish_mmu MISSING
# expect: tlb_table_flush MISSING
# expect: pmd_free_tlb MISSING
# expect: __tlb_remove_table MISSING
# expect: __pmd_free_tlb MISSING
# expect: tlb_gather_mmu SIGNATURE
# expect: tlb_flush_mmu SIGNATURE
# expect: tlb_remove_page SIGNATURE
# expect: pgtable_free_tlb SIGNATURE
# expect: tlb_remove_table UNTYPED

from __future__ import annotations

from mmu_gather_spec.words import mm_struct, page_p, pte_t, shift_t, table_p


class mmu_gather:
    mm: mm_struct
    need_flush: int


def tlb_gather_mmu(tlb: mmu_gather, mm: mm_struct, /) -> None: ...


def tlb_flush_mmu(tlb: mmu_gather, start: int, end: int, /) -> int:
    return end - start


def tlb_remove_page(tlb: mmu_gather, page: table_p, /) -> None: ...


def tlb_remove_table(tlb, table): ...


def pte_free_tlb(tlb: mmu_gather, ptepage: page_p, address: int, /) -> None: ...


def tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None: ...


MAX_PGTABLE_INDEX_SIZE = 0xF


def tlb_flush(tlb: mmu_gather, /) -> None: ...


def pgtable_free_tlb(tlb: mmu_gather, shift: shift_t, table: table_p, /) -> None: ...


def __pte_free_tlb(tlb: mmu_gather, ptepage: page_p, address: int, /) -> None: ...


def __tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None: ...
