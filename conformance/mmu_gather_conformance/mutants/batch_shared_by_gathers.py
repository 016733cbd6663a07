# SPDX-License-Identifier: GPL-2.0-only
"""All gathers fill one batch."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_reference.rfc_2010.memory import tlb_remove_table_one, tlb_remove_table_rcu
from mmu_gather_reference.rfc_2010.mmu_table_batch import MAX_TABLE_BATCH, mmu_table_batch
from mmu_gather_spec.kernel import GFP_ATOMIC, __get_free_page, call_rcu_sched
from mmu_gather_spec.words import pgf_p

#: the rule that catches it
BREAKS: Final = "batch.one-per-gather"
#: a case in which it does
SHOWS_IN: Final = "two-gathers/hash64"

_shared: list[mmu_table_batch | None] = [None]


def tlb_remove_table(tlb: mmu_gather, table: pgf_p, /) -> None:
    """tlb_remove_table - into a batch that every gather uses"""
    tlb.need_flush = 1
    batch = _shared[0]
    if batch is None:
        page = __get_free_page(GFP_ATOMIC)
        if page is None:
            tlb_remove_table_one(table)
            return
        batch = mmu_table_batch(page)
        batch.nr = 0
    nr = batch.nr
    batch.tables[nr] = table
    batch.nr = nr + 1
    _shared[0] = batch
    if nr + 1 == MAX_TABLE_BATCH():
        tlb_table_flush(tlb)


def tlb_table_flush(tlb: mmu_gather, /) -> None:
    """tlb_table_flush - whoever flushes submits for all"""
    batch, _shared[0] = _shared[0], None
    if batch is not None:
        call_rcu_sched(batch.rcu, tlb_remove_table_rcu)
