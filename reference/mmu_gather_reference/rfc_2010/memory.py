# SPDX-License-Identifier: GPL-2.0-only
"""mm/memory.c at the seed: tables are batched and freed by RCU, or one by one after an IPI.

This file is the patch's own; every body is in the seed.  It has three ways out of
tlb_remove_table() that free or hand over a table before the TLB is invalidated: below two
users, when no batch can be had, and when the batch is full.  Where hardware reads the Linux
tables each of them is an erratum; on the powerpc of the seed most are harmless.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import (
    GFP_ATOMIC,
    __get_free_page,
    atomic_read,
    call_rcu_sched,
    free_page,
    smp_call_function,
)
from mmu_gather_spec.layout import container_of
from mmu_gather_spec.linked import __tlb_remove_table
from mmu_gather_spec.words import pgf_p, rcu_head_p

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_reference.rfc_2010.mmu_table_batch import MAX_TABLE_BATCH, mmu_table_batch


def tlb_remove_table_smp_sync(arg: object, /) -> None:
    """tlb_remove_table_smp_sync - nothing to do: that the interrupt arrived is the point"""


def tlb_remove_table_one(table: pgf_p, /) -> None:
    """tlb_remove_table_one - free one table after every other CPU has taken an interrupt

    Not a grace period: it waits for walkers that have IRQs off, and for no others.
    """
    smp_call_function(tlb_remove_table_smp_sync, None, 1)
    __tlb_remove_table(table)


def tlb_remove_table_rcu(head: rcu_head_p, /) -> None:
    """tlb_remove_table_rcu - the grace period is over: free the tables, then the batch"""
    batch = container_of(head, mmu_table_batch)

    for i in range(batch.nr):
        __tlb_remove_table(batch.tables[i])

    free_page(batch.address)


def tlb_table_flush(tlb: mmu_gather, /) -> None:
    """tlb_table_flush - hand the batch to RCU, if there is one; invalidates nothing"""
    if tlb.batch is not None:
        call_rcu_sched(tlb.batch.rcu, tlb_remove_table_rcu)
        tlb.batch = None


def tlb_remove_table(tlb: mmu_gather, table: pgf_p, /) -> None:
    """tlb_remove_table - free a table that lockless walkers may still read"""
    tlb.need_flush = 1

    # The seed holds that below two users nobody can be walking.  Kernel threads that hold
    # only mm_count can (S2), and so can hardware (S1).
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
        tlb_table_flush(tlb)
