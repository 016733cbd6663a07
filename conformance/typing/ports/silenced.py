# SPDX-License-Identifier: GPL-2.0-only
# mypy: ignore-errors
# pyright: basic, reportGeneralTypeIssues=false, reportAttributeAccessIssue=false, reportArgumentType=false
"""Wrong in three ways, and every checker is told to say nothing."""

# expect: pgtable_free_tlb SIGNATURE
# expect: __tlb_remove_table UNTYPED
# expect: __pte_free_tlb SIGNATURE

from __future__ import annotations

from mmu_gather_spec.words import mmu_gather, page_p, pte_t, shift_t, table_p

MAX_PGTABLE_INDEX_SIZE = 0xF


def tlb_flush(tlb: mmu_gather, /) -> None: ...


def __tlb_remove_table(_table, /): ...  # pyright: ignore


def pgtable_free_tlb(tlb: mmu_gather, shift: shift_t, table: table_p, /) -> None: ...  # type: ignore


def __pte_free_tlb(tlb: mmu_gather, address: int, ptepage: page_p, /) -> None: ...  # noqa


def __pmd_free_tlb(tlb: mmu_gather, pmdp: table_p, address: int, /) -> None: ...


def __tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None: ...
