# SPDX-License-Identifier: GPL-2.0-only
"""mm/memory.c of 3.0: the gather's functions, and the seed's own, which were merged as they were posted.

A batch of tables is asked for without dipping into the reserves and without a warning; else the table half is the
seed's, with its three ways out before the TLB is invalidated.  A page that is given says how many slots are left, so
that the caller can flush when it has let the PTE lock go.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import (
    __GFP_NOWARN,
    GFP_NOWAIT,
    __get_free_page,
    __get_free_pages,
    atomic_read,
    call_rcu_sched,
    free_page,
    free_page_and_swap_cache,
    free_pages,
    free_pages_and_swap_cache,
    smp_call_function,
)
from mmu_gather_spec.kernel_later import num_possible_cpus
from mmu_gather_spec.layout import container_of
from mmu_gather_spec.linked import __tlb_remove_table, tlb_flush
from mmu_gather_spec.words import mm_struct, page_p, pgf_p, rcu_head_p

from mmu_gather_reference.v3_0.asm_generic_tlb import mmu_gather, tlb_fast_mode
from mmu_gather_reference.v3_0.mmu_gather_batch import (
    MAX_GATHER_BATCH,
    MMU_GATHER_BUNDLE,
    gather_batch,
    local_batch,
    mmu_gather_batch,
)
from mmu_gather_reference.v3_0.mmu_table_batch import MAX_TABLE_BATCH, mmu_table_batch


def tlb_next_batch(tlb: mmu_gather, /) -> bool:
    """tlb_next_batch - go on to the next batch of slots, if one can be had"""
    following = tlb.active.next
    if following is not None:
        tlb.active = following
        return True

    page = __get_free_pages(GFP_NOWAIT | __GFP_NOWARN, 0)
    if page is None:
        return False

    batch = mmu_gather_batch(page)
    batch.next = None
    batch.nr = 0
    batch.max = MAX_GATHER_BATCH()

    tlb.active.next = batch
    tlb.active = batch

    return True


def tlb_gather_mmu(tlb: mmu_gather, mm: mm_struct, fullmm: bool, /) -> None:
    """tlb_gather_mmu - start a gather: every field is written"""
    tlb.mm = mm

    tlb.fullmm = int(fullmm)
    tlb.need_flush = 0
    tlb.fast_mode = int(num_possible_cpus() == 1)
    tlb.local = local_batch()
    tlb.local.next = None
    tlb.local.nr = 0
    tlb.local.max = MMU_GATHER_BUNDLE
    tlb.active = tlb.local

    tlb.batch = None


def tlb_flush_mmu(tlb: mmu_gather, /) -> None:
    """tlb_flush_mmu - invalidate, submit the tables, free the pages"""
    if not tlb.need_flush:
        return
    tlb.need_flush = 0
    tlb_flush(tlb)
    tlb_table_flush(tlb)

    if tlb_fast_mode(tlb):
        return

    batch: gather_batch | None = tlb.local
    while batch is not None:
        free_pages_and_swap_cache(batch.pages, batch.nr)
        batch.nr = 0
        batch = batch.next
    tlb.active = tlb.local


def tlb_finish_mmu(tlb: mmu_gather, start: int, end: int, /) -> None:
    """tlb_finish_mmu - the last flush, and the pages of slots go back"""
    tlb_flush_mmu(tlb)

    batch = tlb.local.next
    while batch is not None:
        following = batch.next
        free_pages(batch.address, 0)
        batch = following
    tlb.local.next = None


def __tlb_remove_page(tlb: mmu_gather, page: page_p, /) -> int:
    """__tlb_remove_page - put a page into a slot, or free it in fast mode; how many slots are left"""
    tlb.need_flush = 1

    if tlb_fast_mode(tlb):
        free_page_and_swap_cache(page)
        return 1  # no slot was taken, so there is no need to flush

    batch = tlb.active
    nr = batch.nr
    batch.pages[nr] = page
    batch.nr = nr + 1
    if batch.nr == batch.max:
        if not tlb_next_batch(tlb):
            return 0
        batch = tlb.active
    return batch.max - batch.nr


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

    # It is held that below two users nobody can be walking.  Kernel threads that hold
    # only mm_count can (S2), and so can hardware (S1).
    if atomic_read(tlb.mm.mm_users) < 2:
        __tlb_remove_table(table)
        return

    if tlb.batch is None:
        page = __get_free_page(GFP_NOWAIT | __GFP_NOWARN)
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
