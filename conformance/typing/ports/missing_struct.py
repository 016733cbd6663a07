# SPDX-License-Identifier: GPL-2.0-only
"""Functions that take a gather, and no gather."""

# expect: struct mmu_gather MISSING

from __future__ import annotations

from mmu_gather_spec.words import mm_struct, mmu_gather, page_p, pgf_p, pte_t, table_p


def tlb_gather_mmu(tlb: mmu_gather, mm: mm_struct, full_mm_flush: int, /) -> None: ...


def tlb_flush_mmu(tlb: mmu_gather, start: int, end: int, /) -> None: ...


def tlb_finish_mmu(tlb: mmu_gather, start: int, end: int, /) -> None: ...


def tlb_remove_page(tlb: mmu_gather, page: page_p, /) -> None: ...


def tlb_remove_table(tlb: mmu_gather, table: pgf_p, /) -> None: ...


def tlb_table_flush(tlb: mmu_gather, /) -> None: ...


def pte_free_tlb(tlb: mmu_gather, ptepage: page_p, address: int, /) -> None: ...


def pmd_free_tlb(tlb: mmu_gather, pmdp: table_p, address: int, /) -> None: ...


def tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None: ...
