# SPDX-License-Identifier: GPL-2.0-only
"""The batch belongs to the CPU, as before gathers could be preempted."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_reference.rfc_2010.memory import tlb_remove_table_one, tlb_remove_table_rcu
from mmu_gather_reference.rfc_2010.mmu_table_batch import MAX_TABLE_BATCH, mmu_table_batch
from mmu_gather_spec.kernel import GFP_ATOMIC, __get_free_page, call_rcu_sched, smp_processor_id
from mmu_gather_spec.words import pgf_p

#: the rule that catches it
BREAKS: Final = "gather.keeps-nothing-in-a-cpu"
#: a case in which it does
SHOWS_IN: Final = "moves-between-calls/hash64"

_batches: dict[int, mmu_table_batch] = {}


def tlb_remove_table(tlb: mmu_gather, table: pgf_p, /) -> None:
    """tlb_remove_table - into this CPU's batch"""
    tlb.need_flush = 1
    cpu = smp_processor_id()
    if cpu not in _batches:
        page = __get_free_page(GFP_ATOMIC)
        if page is None:
            tlb_remove_table_one(table)
            return
        _batches[cpu] = mmu_table_batch(page)
        _batches[cpu].nr = 0
    batch = _batches[cpu]
    nr = batch.nr
    batch.tables[nr] = table
    batch.nr = nr + 1
    if nr + 1 == MAX_TABLE_BATCH():
        tlb_table_flush(tlb)


def tlb_table_flush(tlb: mmu_gather, /) -> None:
    """tlb_table_flush - submits what this CPU holds"""
    batch = _batches.pop(smp_processor_id(), None)
    if batch is not None:
        call_rcu_sched(batch.rcu, tlb_remove_table_rcu)
