# SPDX-License-Identifier: GPL-2.0-only
"""Each table is submitted by itself: a batch of one is a small batch."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_reference.rfc_2010.memory import tlb_remove_table_one
from mmu_gather_reference.rfc_2010.mmu_table_batch import mmu_table_batch
from mmu_gather_spec.kernel import GFP_ATOMIC, __get_free_page, atomic_read
from mmu_gather_spec.linked import __tlb_remove_table, tlb_table_flush
from mmu_gather_spec.words import pgf_p

#: without hash64, whose scenario of 510 tables, each of them a batch to fail, would take minutes
ARCHS: Final = ["hash32", "nohash"]


def tlb_remove_table(tlb: mmu_gather, table: pgf_p, /) -> None:
    """tlb_remove_table - a page for each table"""
    tlb.need_flush = 1
    if atomic_read(tlb.mm.mm_users) < 2:
        __tlb_remove_table(table)
        return
    page = __get_free_page(GFP_ATOMIC)
    if page is None:
        tlb_remove_table_one(table)
        return
    tlb.batch = mmu_table_batch(page)
    tlb.batch.tables[0] = table
    tlb.batch.nr = 1
    tlb_table_flush(tlb)
