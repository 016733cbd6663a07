# SPDX-License-Identifier: GPL-2.0-only
"""mm/mmu_gather.c of 5.7: pages in a chain of batches, tables in a batch for RCU, and the flush between.

No count of users is read any more: every table is batched, or freed after an IPI.  Where hardware reads the Linux
tables they are invalidated before they are submitted, and before they are freed one by one.  A gather that ends
while another is pending on the same mm flushes all of it, since the other may have cleared what this one found clear.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import (
    __GFP_NOWARN,
    BITS_PER_LONG,
    GFP_NOWAIT,
    __get_free_page,
    __get_free_pages,
    call_rcu,
    free_page,
    free_pages,
    free_pages_and_swap_cache,
    smp_call_function,
)
from mmu_gather_spec.kernel_later import dec_tlb_flush_pending, inc_tlb_flush_pending, mm_tlb_flush_nested
from mmu_gather_spec.layout import container_of
from mmu_gather_spec.linked import __tlb_remove_table
from mmu_gather_spec.linked_later import IS_ENABLED, tlb_needs_table_invalidate
from mmu_gather_spec.words import mm_struct, page_p, pgf_p, rcu_head_p

from mmu_gather_reference.v5_7.asm_generic_tlb import __tlb_reset_range, mmu_gather, tlb_flush_mmu_tlbonly
from mmu_gather_reference.v5_7.mmu_gather_batch import (
    MAX_GATHER_BATCH,
    MAX_GATHER_BATCH_COUNT,
    MMU_GATHER_BUNDLE,
    gather_batch,
    local_batch,
    mmu_gather_batch,
)
from mmu_gather_reference.v5_7.mmu_table_batch import MAX_TABLE_BATCH, mmu_table_batch


def tlb_next_batch(tlb: mmu_gather, /) -> bool:
    """tlb_next_batch - go on to the next batch of slots, if one can be had"""
    following = tlb.active.next
    if following is not None:
        tlb.active = following
        return True

    if tlb.batch_count == MAX_GATHER_BATCH_COUNT():
        return False

    page = __get_free_pages(GFP_NOWAIT | __GFP_NOWARN, 0)
    if page is None:
        return False

    batch = mmu_gather_batch(page)
    tlb.batch_count += 1
    batch.next = None
    batch.nr = 0
    batch.max = MAX_GATHER_BATCH()

    tlb.active.next = batch
    tlb.active = batch

    return True


def tlb_batch_pages_flush(tlb: mmu_gather, /) -> None:
    """tlb_batch_pages_flush - free every page that waits, and begin with the first batch again"""
    batch: gather_batch | None = tlb.local
    while batch is not None and batch.nr:
        free_pages_and_swap_cache(batch.pages, batch.nr)
        batch.nr = 0
        batch = batch.next
    tlb.active = tlb.local


def tlb_batch_list_free(tlb: mmu_gather, /) -> None:
    """tlb_batch_list_free - the pages of slots go back"""
    batch = tlb.local.next
    while batch is not None:
        following = batch.next
        free_pages(batch.address, 0)
        batch = following
    tlb.local.next = None


def __tlb_remove_page_size(tlb: mmu_gather, page: page_p, page_size: int, /) -> bool:
    """__tlb_remove_page_size - put a page of this size into a slot; true where no room is left"""
    batch = tlb.active
    nr = batch.nr
    batch.pages[nr] = page
    batch.nr = nr + 1
    return batch.nr == batch.max and not tlb_next_batch(tlb)


def __tlb_remove_table_free(batch: mmu_table_batch, /) -> None:
    """__tlb_remove_table_free - free the tables, then the batch"""
    for i in range(batch.nr):
        __tlb_remove_table(batch.tables[i])

    free_page(batch.address)


def tlb_remove_table_smp_sync(arg: object, /) -> None:
    """tlb_remove_table_smp_sync - nothing to do: that the interrupt arrived is the point"""


def tlb_remove_table_sync_one() -> None:
    """tlb_remove_table_sync_one - wait until every other CPU has taken an interrupt; frees nothing

    Not a grace period: it waits for walkers that have IRQs off, and for no others.
    """
    smp_call_function(tlb_remove_table_smp_sync, None, 1)


def tlb_remove_table_rcu(head: rcu_head_p, /) -> None:
    """tlb_remove_table_rcu - the grace period is over"""
    __tlb_remove_table_free(container_of(head, mmu_table_batch))


def tlb_remove_table_free(batch: mmu_table_batch, /) -> None:
    """tlb_remove_table_free - hand a batch to RCU"""
    call_rcu(batch.rcu, tlb_remove_table_rcu)


def tlb_table_invalidate(tlb: mmu_gather, /) -> None:
    """tlb_table_invalidate - where hardware reads the Linux tables, flush before they go

    Software walkers are not stopped by that: the tables still wait for RCU.
    """
    if tlb_needs_table_invalidate():
        tlb_flush_mmu_tlbonly(tlb)


def tlb_remove_table_one(table: pgf_p, /) -> None:
    """tlb_remove_table_one - free one table after every other CPU has taken an interrupt"""
    tlb_remove_table_sync_one()
    __tlb_remove_table(table)


def tlb_table_flush(tlb: mmu_gather, /) -> None:
    """tlb_table_flush - invalidate where that is needed, and hand the batch to RCU"""
    if tlb.batch is not None:
        tlb_table_invalidate(tlb)
        tlb_remove_table_free(tlb.batch)
        tlb.batch = None


def tlb_remove_table(tlb: mmu_gather, table: pgf_p, /) -> None:
    """tlb_remove_table - free a table that lockless walkers may still read"""
    if tlb.batch is None:
        page = __get_free_page(GFP_NOWAIT | __GFP_NOWARN)
        if page is None:
            tlb_table_invalidate(tlb)
            tlb_remove_table_one(table)
            return
        tlb.batch = mmu_table_batch(page)
        tlb.batch.nr = 0

    nr = tlb.batch.nr
    tlb.batch.tables[nr] = table
    tlb.batch.nr = nr + 1
    if tlb.batch.nr == MAX_TABLE_BATCH():
        tlb_table_flush(tlb)


def tlb_table_init(tlb: mmu_gather, /) -> None:
    """tlb_table_init - no batch yet"""
    tlb.batch = None


def tlb_flush_mmu_free(tlb: mmu_gather, /) -> None:
    """tlb_flush_mmu_free - the tables go to RCU, and the pages are freed"""
    tlb_table_flush(tlb)
    tlb_batch_pages_flush(tlb)


def tlb_flush_mmu(tlb: mmu_gather, /) -> None:
    """tlb_flush_mmu - invalidate, submit the tables, free the pages"""
    tlb_flush_mmu_tlbonly(tlb)
    tlb_flush_mmu_free(tlb)


def tlb_gather_mmu(tlb: mmu_gather, mm: mm_struct, start: int, end: int, /) -> None:
    """tlb_gather_mmu - start a gather, of the whole address space where it goes from 0 to ~0"""
    tlb.mm = mm
    tlb.fullmm = int(start == 0 and end == (1 << BITS_PER_LONG()) - 1)

    tlb.need_flush_all = 0
    tlb.local = local_batch()
    tlb.local.next = None
    tlb.local.nr = 0
    tlb.local.max = MMU_GATHER_BUNDLE
    tlb.active = tlb.local
    tlb.batch_count = 0

    tlb_table_init(tlb)
    if IS_ENABLED("CONFIG_MMU_GATHER_PAGE_SIZE"):
        tlb.page_size = 0

    __tlb_reset_range(tlb)
    inc_tlb_flush_pending(tlb.mm)


def tlb_finish_mmu(tlb: mmu_gather, start: int, end: int, /) -> None:
    """tlb_finish_mmu - the last flush, of all where another gather is pending; the pages of slots go back"""
    if mm_tlb_flush_nested(tlb.mm):
        tlb.fullmm = 1
        __tlb_reset_range(tlb)
        tlb.freed_tables = 1

    tlb_flush_mmu(tlb)

    tlb_batch_list_free(tlb)
    dec_tlb_flush_pending(tlb.mm)
