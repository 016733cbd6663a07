# SPDX-License-Identifier: GPL-2.0-only
"""A new batch keeps whatever count was in its page."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_reference.rfc_2010.memory import tlb_remove_table_one
from mmu_gather_reference.rfc_2010.mmu_table_batch import MAX_TABLE_BATCH, mmu_table_batch
from mmu_gather_spec.kernel import GFP_ATOMIC, __get_free_page, atomic_read
from mmu_gather_spec.linked import __tlb_remove_table, tlb_table_flush
from mmu_gather_spec.words import pgf_p

#: the rule that catches it
BREAKS: Final = "batch.starts-empty"
#: a case in which it does
SHOWS_IN: Final = "flush-between/hash64/small"


def tlb_remove_table(tlb: mmu_gather, table: pgf_p, /) -> None:
    """tlb_remove_table - nr is not set to 0"""
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
    nr = tlb.batch.nr
    tlb.batch.tables[nr] = table
    tlb.batch.nr = nr + 1
    if tlb.batch.nr == MAX_TABLE_BATCH():
        tlb_table_flush(tlb)
