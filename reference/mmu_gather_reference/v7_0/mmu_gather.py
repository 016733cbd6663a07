# SPDX-License-Identifier: GPL-2.0-only
"""mm/mmu_gather.c of 7.0: pages in a chain of batches, tables in a batch for RCU, and the flush between.

No count of users is read: every table is batched, or freed after a grace period of its own.  Where hardware reads the
Linux tables they are invalidated before they are submitted, and before they are freed one by one.  A gather that ends
while another is pending on the same mm flushes all of it, since the other may have cleared what this one found clear.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import (
    GFP_NOWAIT,
    PAGE_SIZE,
    __get_free_page,
    call_rcu,
    free_page,
    free_pages,
    smp_call_function,
)
from mmu_gather_spec.kernel_later import (
    dec_tlb_flush_pending,
    folio_remove_rmap_ptes,
    free_encoded_pages_and_swap_cache,
    inc_tlb_flush_pending,
    mm_tlb_flush_nested,
    synchronize_rcu,
)
from mmu_gather_spec.layout import container_of
from mmu_gather_spec.levels import PMD_SIZE
from mmu_gather_spec.linked import __tlb_remove_table
from mmu_gather_spec.linked_later import IS_ENABLED, tlb_needs_table_invalidate
from mmu_gather_spec.words import (
    ENCODED_PAGE_BIT_DELAY_RMAP,
    ENCODED_PAGE_BIT_NR_PAGES_NEXT,
    encode_nr_pages,
    encode_page,
    encoded_nr_pages,
    encoded_page_flags,
    encoded_page_ptr,
    mm_struct,
    nr_pages_t,
    page_p,
    pgf_p,
    pt_rcu_head,
    ptdesc_of,
    rcu_head_p,
    vm_area_struct,
)

from mmu_gather_reference.v7_0.asm_generic_tlb import (
    __tlb_reset_range,
    mmu_gather,
    tlb_change_page_size,
    tlb_flush_mmu_tlbonly,
    tlb_update_vma_flags,
)
from mmu_gather_reference.v7_0.mmu_gather_batch import (
    MAX_GATHER_BATCH,
    MAX_GATHER_BATCH_COUNT,
    MMU_GATHER_BUNDLE,
    gather_batch,
    local_batch,
    mmu_gather_batch,
)
from mmu_gather_reference.v7_0.mmu_table_batch import MAX_TABLE_BATCH, mmu_table_batch

#: Slots whose pages are freed in one go.
MAX_NR_FOLIOS_PER_FREE = 512
ONE_PAGE = nr_pages_t(1)


def tlb_next_batch(tlb: mmu_gather, /) -> bool:
    """tlb_next_batch - go on to the next batch of slots, if one can be had

    With delayed rmaps pending there are two batches at most: tlb_flush_rmaps() looks at no more.
    """
    if tlb.delayed_rmap and tlb.active is not tlb.local:
        return False

    following = tlb.active.next
    if following is not None:
        tlb.active = following
        return True

    if tlb.batch_count == MAX_GATHER_BATCH_COUNT():
        return False

    page = __get_free_page(GFP_NOWAIT)
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


def tlb_flush_rmap_batch(batch: gather_batch, /) -> None:
    """tlb_flush_rmap_batch - remove the rmaps that one batch has delayed"""
    pages = batch.encoded_pages
    i = 0
    while i < batch.nr:
        enc = pages[i]
        if encoded_page_flags(enc) & ENCODED_PAGE_BIT_DELAY_RMAP:
            nr_pages = ONE_PAGE
            if encoded_page_flags(enc) & ENCODED_PAGE_BIT_NR_PAGES_NEXT:
                i += 1
                nr_pages = encoded_nr_pages(pages[i])
            folio_remove_rmap_ptes(encoded_page_ptr(enc), nr_pages)
        i += 1


def tlb_flush_rmaps(tlb: mmu_gather, vma: vm_area_struct, /) -> None:
    """tlb_flush_rmaps - the TLB is flushed: remove the rmaps that waited for it"""
    if not tlb.delayed_rmap:
        return

    tlb_flush_rmap_batch(tlb.local)
    if tlb.active is not tlb.local:
        tlb_flush_rmap_batch(tlb.active)
    tlb.delayed_rmap = 0


def __tlb_batch_free_encoded_pages(batch: gather_batch, /) -> None:
    """__tlb_batch_free_encoded_pages - free the pages of one batch, so many at a time"""
    pages = batch.encoded_pages
    first = 0
    while batch.nr:
        nr = min(MAX_NR_FOLIOS_PER_FREE, batch.nr)
        # A count of pages stays with the page that it belongs to.
        if encoded_page_flags(pages[first + nr - 1]) & ENCODED_PAGE_BIT_NR_PAGES_NEXT:
            nr += 1
        free_encoded_pages_and_swap_cache([pages[first + i] for i in range(nr)], nr)
        first += nr
        batch.nr -= nr


def tlb_batch_pages_flush(tlb: mmu_gather, /) -> None:
    """tlb_batch_pages_flush - free every page that waits, and begin with the first batch again"""
    batch: gather_batch | None = tlb.local
    while batch is not None and batch.nr:
        __tlb_batch_free_encoded_pages(batch)
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


def __tlb_remove_folio_pages_size(
    tlb: mmu_gather, page: page_p, nr_pages: nr_pages_t, delay_rmap: bool, page_size: int, /
) -> bool:
    """__tlb_remove_folio_pages_size - put pages of one folio into a slot, or two; true where no room is left

    There is always room for a page and its count: two slots.
    """
    flags = ENCODED_PAGE_BIT_DELAY_RMAP if delay_rmap else 0

    batch = tlb.active
    nr = batch.nr
    if nr_pages == ONE_PAGE:
        batch.encoded_pages[nr] = encode_page(page, flags)
        batch.nr = nr + 1
    else:
        flags |= ENCODED_PAGE_BIT_NR_PAGES_NEXT
        batch.encoded_pages[nr] = encode_page(page, flags)
        batch.encoded_pages[nr + 1] = encode_nr_pages(nr_pages)
        batch.nr = nr + 2
    return batch.nr >= batch.max - 1 and not tlb_next_batch(tlb)


def __tlb_remove_folio_pages(tlb: mmu_gather, page: page_p, nr_pages: nr_pages_t, delay_rmap: bool, /) -> bool:
    """__tlb_remove_folio_pages - give several pages of one folio"""
    return __tlb_remove_folio_pages_size(tlb, page, nr_pages, delay_rmap, PAGE_SIZE())


def __tlb_remove_page_size(tlb: mmu_gather, page: page_p, delay_rmap: bool, page_size: int, /) -> bool:
    """__tlb_remove_page_size - give one page of this size"""
    return __tlb_remove_folio_pages_size(tlb, page, ONE_PAGE, delay_rmap, page_size)


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


def tlb_remove_table_sync_rcu() -> None:
    """tlb_remove_table_sync_rcu - wait for a grace period; may sleep"""
    synchronize_rcu()


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


def __tlb_remove_table_one_rcu(head: rcu_head_p, /) -> None:
    """__tlb_remove_table_one_rcu - the grace period of one table is over"""
    __tlb_remove_table(ptdesc_of(head))


def __tlb_remove_table_one(table: pgf_p, /) -> None:
    """__tlb_remove_table_one - free one table by RCU: its ptdesc carries the head (PT_RECLAIM), or the caller waits

    Where an arch puts more into the word than a ptdesc, there is no head in it.
    """
    if IS_ENABLED("CONFIG_PT_RECLAIM"):
        call_rcu(pt_rcu_head(table), __tlb_remove_table_one_rcu)
    else:
        tlb_remove_table_sync_rcu()
        __tlb_remove_table(table)


def tlb_remove_table_one(table: pgf_p, /) -> None:
    """tlb_remove_table_one - no batch can be had: free one table, not before a grace period has ended"""
    __tlb_remove_table_one(table)


def tlb_table_flush(tlb: mmu_gather, /) -> None:
    """tlb_table_flush - invalidate where that is needed, and hand the batch to RCU"""
    if tlb.batch is not None:
        tlb_table_invalidate(tlb)
        tlb_remove_table_free(tlb.batch)
        tlb.batch = None


def tlb_remove_table(tlb: mmu_gather, table: pgf_p, /) -> None:
    """tlb_remove_table - free a table that lockless walkers may still read"""
    if tlb.batch is None:
        page = __get_free_page(GFP_NOWAIT)
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
    if not IS_ENABLED("CONFIG_MMU_GATHER_NO_GATHER"):
        tlb_batch_pages_flush(tlb)


def tlb_flush_mmu(tlb: mmu_gather, /) -> None:
    """tlb_flush_mmu - invalidate, submit the tables, free the pages"""
    tlb_flush_mmu_tlbonly(tlb)
    tlb_flush_mmu_free(tlb)


def __tlb_gather_mmu(tlb: mmu_gather, mm: mm_struct, fullmm: bool, /) -> None:
    """__tlb_gather_mmu - start a gather: every field is written, but for two of a VMA"""
    tlb.mm = mm
    tlb.fullmm = int(fullmm)

    if not IS_ENABLED("CONFIG_MMU_GATHER_NO_GATHER"):
        tlb.need_flush_all = 0
        tlb.local = local_batch()
        tlb.local.next = None
        tlb.local.nr = 0
        tlb.local.max = MMU_GATHER_BUNDLE
        tlb.active = tlb.local
        tlb.batch_count = 0
    tlb.delayed_rmap = 0

    tlb_table_init(tlb)
    if IS_ENABLED("CONFIG_MMU_GATHER_PAGE_SIZE"):
        tlb.page_size = 0
    tlb.vma_pfn = 0

    tlb.fully_unshared_tables = 0
    __tlb_reset_range(tlb)
    inc_tlb_flush_pending(tlb.mm)


def tlb_gather_mmu(tlb: mmu_gather, mm: mm_struct, /) -> None:
    """tlb_gather_mmu - start a gather of a part of the address space"""
    __tlb_gather_mmu(tlb, mm, False)


def tlb_gather_mmu_fullmm(tlb: mmu_gather, mm: mm_struct, /) -> None:
    """tlb_gather_mmu_fullmm - start a gather of the whole address space, which nobody uses any more"""
    __tlb_gather_mmu(tlb, mm, True)


def tlb_gather_mmu_vma(tlb: mmu_gather, vma: vm_area_struct, /) -> None:
    """tlb_gather_mmu_vma - start a gather of one mapping; tlb_start_vma() need not be called"""
    tlb_gather_mmu(tlb, vma.vm_mm)
    tlb_update_vma_flags(tlb, vma)
    if vma.vm_hugetlb:
        tlb_change_page_size(tlb, PMD_SIZE())


def tlb_finish_mmu(tlb: mmu_gather, /) -> None:
    """tlb_finish_mmu - the last flush, of all where another gather is pending; the pages of slots go back"""
    if mm_tlb_flush_nested(tlb.mm):
        tlb.fullmm = 1
        __tlb_reset_range(tlb)
        tlb.freed_tables = 1

    tlb_flush_mmu(tlb)

    if not IS_ENABLED("CONFIG_MMU_GATHER_NO_GATHER"):
        tlb_batch_list_free(tlb)
    dec_tlb_flush_pending(tlb.mm)
