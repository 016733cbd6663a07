# SPDX-License-Identifier: GPL-2.0-only
"""A function of the right shape, in whose place another is put."""

# expect: __tlb_remove_table UNTYPED

from __future__ import annotations

from mmu_gather_spec.words import mmu_gather, page_p, pgf_p, pte_t, shift_t, table_p

MAX_PGTABLE_INDEX_SIZE = 0xF


def tlb_flush(tlb: mmu_gather, /) -> None: ...


def __tlb_remove_table(_table: pgf_p, /) -> None: ...


def free(_table: table_p, /) -> None: ...


__tlb_remove_table = free


def pgtable_free_tlb(tlb: mmu_gather, table: table_p, shift: shift_t, /) -> None: ...


def __pte_free_tlb(tlb: mmu_gather, ptepage: page_p, address: int, /) -> None: ...


def __pmd_free_tlb(tlb: mmu_gather, pmdp: table_p, address: int, /) -> None: ...


def __tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None: ...
