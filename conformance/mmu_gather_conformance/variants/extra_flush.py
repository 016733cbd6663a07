# SPDX-License-Identifier: GPL-2.0-only
"""A full batch is invalidated before it is submitted: more flushes than needed are nobody's harm."""

from __future__ import annotations

from mmu_gather_reference.rfc_2010.asm_generic_tlb import __tlb_alloc_pages, mmu_gather, tlb_fast_mode
from mmu_gather_reference.rfc_2010.memory import tlb_remove_table_one
from mmu_gather_reference.rfc_2010.mmu_table_batch import MAX_TABLE_BATCH, mmu_table_batch
from mmu_gather_spec.kernel import GFP_ATOMIC, __get_free_page, atomic_read, free_pages_and_swap_cache
from mmu_gather_spec.linked import __tlb_remove_table, tlb_flush, tlb_table_flush
from mmu_gather_spec.words import pgf_p


def tlb_remove_table(tlb: mmu_gather, table: pgf_p, /) -> None:
    """tlb_remove_table - invalidates before it submits"""
    tlb.need_flush = 1
    if atomic_read(tlb.mm.mm_users) < 2:
        __tlb_remove_table(table)
        return
    if tlb.batch is None:
        page = __get_free_page(GFP_ATOMIC)
        if page is None:
            tlb_remove_table_one(table)
            return
        tlb.batch = mmu_table_batch(page)
        tlb.batch.nr = 0
    nr = tlb.batch.nr
    tlb.batch.tables[nr] = table
    tlb.batch.nr = nr + 1
    if tlb.batch.nr == MAX_TABLE_BATCH():
        tlb.need_flush = 0
        tlb_flush(tlb)
        tlb_table_flush(tlb)


def tlb_flush_mmu(tlb: mmu_gather, start: int, end: int, /) -> None:
    """tlb_flush_mmu - the gate decides about the invalidation only, not about the pages that wait"""
    if tlb.need_flush:
        tlb.need_flush = 0
        tlb_flush(tlb)
        tlb_table_flush(tlb)
    if not tlb_fast_mode(tlb) and tlb.nr:
        free_pages_and_swap_cache(tlb.pages, tlb.nr)
        tlb.nr = 0
        if tlb.pages is tlb.local:
            __tlb_alloc_pages(tlb)
