# SPDX-License-Identifier: GPL-2.0-only
"""A generic half of v6.12 that is written from the contract and is not the kernel's: pages wait in a Python list.

No chain of batches, no bundle on the stack, no limit on what a flush frees in one go; of a mapping it notes nothing but
what its end asks for.  It is here so that the law of a later era is not its reference's trace in disguise.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import (
    __GFP_NOWARN,
    BITS_PER_LONG,
    GFP_NOWAIT,
    PAGE_SIZE,
    __get_free_page,
    call_rcu,
    free_page,
    smp_call_function,
)
from mmu_gather_spec.kernel_later import (
    TASK_SIZE,
    dec_tlb_flush_pending,
    folio_remove_rmap_ptes,
    free_encoded_pages_and_swap_cache,
    inc_tlb_flush_pending,
    mm_tlb_flush_nested,
)
from mmu_gather_spec.layout import FlexibleArray, RcuHead, Struct, UnsignedInt, container_of, sizeof
from mmu_gather_spec.linked import __pmd_free_tlb, __tlb_remove_table, __tlb_remove_tlb_entry, tlb_flush
from mmu_gather_spec.linked_later import IS_ENABLED, __pte_free_tlb, tlb_needs_table_invalidate
from mmu_gather_spec.words import (
    ENCODED_PAGE_BIT_DELAY_RMAP,
    encode_page,
    encoded_page_flags,
    encoded_page_p,
    encoded_page_ptr,
    mm_struct,
    nr_pages_t,
    page_p,
    pgf_p,
    pgtable_t,
    pte_t,
    rcu_head_p,
    signed_int,
    table_p,
    ulong,
    unsigned_int,
    unsigned_long,
    vm_area_struct,
)

ERA = "v6.12"
#: How many pages wait before the caller is asked to flush: a run may come next, and takes two slots.
ENOUGH = 7
#: The distance of two pages of a folio, in bytes.
STRUCT_PAGE = 64


class mmu_table_batch(Struct):
    """A batch of tables, in a page of kernel memory."""

    rcu = RcuHead()
    nr = UnsignedInt()
    tables = FlexibleArray(pgf_p, unsigned_long)


class mmu_gather:
    """The gather."""

    mm: mm_struct
    start: int
    end: int
    fullmm: int
    need_flush_all: int
    freed_tables: int
    cleared_ptes: int
    cleared_pmds: int
    cleared_puds: int
    cleared_p4ds: int
    page_size: int
    pages: list[encoded_page_p]
    batch: mmu_table_batch | None


def _begin(tlb: mmu_gather, mm: mm_struct, *, whole: bool) -> None:
    tlb.mm, tlb.fullmm, tlb.need_flush_all, tlb.page_size = mm, int(whole), 0, 0
    tlb.pages, tlb.batch = [], None
    _forget(tlb)
    inc_tlb_flush_pending(mm)


def _forget(tlb: mmu_gather) -> None:
    """Nothing is left to flush."""
    last = (1 << BITS_PER_LONG()) - 1
    tlb.start, tlb.end = (last, last) if tlb.fullmm else (TASK_SIZE(), 0)
    tlb.freed_tables = tlb.cleared_ptes = tlb.cleared_pmds = tlb.cleared_puds = tlb.cleared_p4ds = 0


def _note(tlb: mmu_gather, address: ulong) -> None:
    tlb.start, tlb.end = min(tlb.start, address), max(tlb.end, address + PAGE_SIZE())


def _submit(tlb: mmu_gather) -> None:
    """Hand the batch to RCU, if there is one."""
    if tlb.batch is not None:
        batch, tlb.batch = tlb.batch, None
        call_rcu(batch.rcu, _free_batch)


def _free_batch(head: rcu_head_p) -> None:
    batch = container_of(head, mmu_table_batch)
    for place in range(batch.nr):
        __tlb_remove_table(batch.tables[place])
    free_page(batch.address)


def _nothing(info: object) -> None:
    """That a CPU has taken the interrupt is all that is wanted of it."""


def tlb_gather_mmu(tlb: mmu_gather, mm: mm_struct, /) -> None:
    """tlb_gather_mmu - start a gather"""
    _begin(tlb, mm, whole=False)


def tlb_gather_mmu_fullmm(tlb: mmu_gather, mm: mm_struct, /) -> None:
    """tlb_gather_mmu_fullmm - start a gather of a whole address space"""
    _begin(tlb, mm, whole=True)


def tlb_flush_mmu(tlb: mmu_gather, /) -> None:
    """tlb_flush_mmu - invalidate, submit, free"""
    tlb_flush_mmu_tlbonly(tlb)
    _submit(tlb)
    pages, tlb.pages = tlb.pages, []
    if pages:
        free_encoded_pages_and_swap_cache(pages, len(pages))


def tlb_flush_mmu_tlbonly(tlb: mmu_gather, /) -> None:
    """tlb_flush_mmu_tlbonly - invalidate, where anything was unmapped"""
    if tlb.freed_tables or tlb.cleared_ptes or tlb.cleared_pmds or tlb.cleared_puds or tlb.cleared_p4ds:
        tlb_flush(tlb)
        _forget(tlb)


def tlb_finish_mmu(tlb: mmu_gather, /) -> None:
    """tlb_finish_mmu - end a gather; what another has cleared meanwhile is flushed as well"""
    if mm_tlb_flush_nested(tlb.mm):
        tlb.fullmm = tlb.freed_tables = 1
        tlb.cleared_ptes = tlb.cleared_pmds = tlb.cleared_puds = tlb.cleared_p4ds = 1
        tlb.start, tlb.end = 0, TASK_SIZE()
    tlb_flush_mmu(tlb)
    dec_tlb_flush_pending(tlb.mm)


def tlb_remove_page(tlb: mmu_gather, page: page_p, /) -> None:
    """tlb_remove_page - give a page"""
    tlb_remove_page_size(tlb, page, PAGE_SIZE())


def tlb_remove_page_size(tlb: mmu_gather, page: page_p, page_size: signed_int, /) -> None:
    """tlb_remove_page_size - give a page of any size"""
    if __tlb_remove_page_size(tlb, page, False, page_size):
        tlb_flush_mmu(tlb)


def __tlb_remove_page(tlb: mmu_gather, page: page_p, delay_rmap: bool, /) -> bool:
    """__tlb_remove_page - queue a page"""
    return __tlb_remove_page_size(tlb, page, delay_rmap, PAGE_SIZE())


def __tlb_remove_page_size(tlb: mmu_gather, page: page_p, delay_rmap: bool, page_size: signed_int, /) -> bool:
    """__tlb_remove_page_size - queue a page of any size"""
    tlb.pages.append(encode_page(page, ENCODED_PAGE_BIT_DELAY_RMAP if delay_rmap else 0))
    return len(tlb.pages) >= ENOUGH


def __tlb_remove_folio_pages(tlb: mmu_gather, page: page_p, nr_pages: nr_pages_t, delay_rmap: bool, /) -> bool:
    """__tlb_remove_folio_pages - queue each page of a run by itself"""
    for place in range(nr_pages.value):
        __tlb_remove_page(tlb, page_p(page.value + STRUCT_PAGE * place), delay_rmap)
    return len(tlb.pages) >= ENOUGH


def tlb_remove_table(tlb: mmu_gather, table: pgf_p, /) -> None:
    """tlb_remove_table - batch a table, or wait for every walker and free it"""
    if tlb.batch is None:
        page = __get_free_page(GFP_NOWAIT | __GFP_NOWARN)
        if page is None:
            if tlb_needs_table_invalidate():
                tlb_flush_mmu_tlbonly(tlb)
            tlb_remove_table_sync_one()
            __tlb_remove_table(table)
            return
        tlb.batch = mmu_table_batch(page)
        tlb.batch.nr = 0
    nr = tlb.batch.nr
    tlb.batch.tables[nr] = table
    tlb.batch.nr = nr + 1
    if nr + 1 == (PAGE_SIZE() - sizeof(mmu_table_batch)) // (BITS_PER_LONG() // 8):
        if tlb_needs_table_invalidate():
            tlb_flush_mmu_tlbonly(tlb)
        _submit(tlb)


def tlb_remove_ptdesc(tlb: mmu_gather, pt: pgf_p, /) -> None:
    """tlb_remove_ptdesc - the same"""
    tlb_remove_table(tlb, pt)


def tlb_remove_table_sync_one() -> None:
    """tlb_remove_table_sync_one - interrupt every other CPU, and wait"""
    smp_call_function(_nothing, None, 1)


def pte_free_tlb(tlb: mmu_gather, ptep: pgtable_t, address: ulong, /) -> None:
    """pte_free_tlb - an entry of the level above went"""
    _note(tlb, address)
    tlb.freed_tables = tlb.cleared_pmds = 1
    __pte_free_tlb(tlb, ptep, address)


def pmd_free_tlb(tlb: mmu_gather, pmdp: table_p, address: ulong, /) -> None:
    """pmd_free_tlb - an entry of the level above went"""
    _note(tlb, address)
    tlb.freed_tables = tlb.cleared_puds = 1
    __pmd_free_tlb(tlb, pmdp, address)


def tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: ulong, /) -> None:
    """tlb_remove_tlb_entry - a translation went"""
    _note(tlb, address)
    tlb.cleared_ptes = 1
    __tlb_remove_tlb_entry(tlb, ptep, address)


def tlb_change_page_size(tlb: mmu_gather, page_size: unsigned_int, /) -> None:
    """tlb_change_page_size - flush what has another size, where the arch flushes by size"""
    if IS_ENABLED("CONFIG_MMU_GATHER_PAGE_SIZE"):
        if tlb.page_size not in (0, page_size) and not tlb.fullmm:
            tlb_flush_mmu(tlb)
        tlb.page_size = page_size


def tlb_start_vma(tlb: mmu_gather, vma: vm_area_struct, /) -> None:
    """tlb_start_vma - nothing is noted of it"""


def tlb_end_vma(tlb: mmu_gather, vma: vm_area_struct, /) -> None:
    """tlb_end_vma - pages that nobody counts are flushed before their VMA goes"""
    if vma.vm_pfn and not tlb.fullmm:
        tlb_flush_mmu_tlbonly(tlb)


def tlb_delay_rmap(tlb: mmu_gather, /) -> bool:
    """tlb_delay_rmap - always: the list remembers it"""
    return True


def tlb_flush_rmaps(tlb: mmu_gather, vma: vm_area_struct, /) -> None:
    """tlb_flush_rmaps - remove what was left behind"""
    for place, word in enumerate(tlb.pages):
        if encoded_page_flags(word) & ENCODED_PAGE_BIT_DELAY_RMAP:
            folio_remove_rmap_ptes(encoded_page_ptr(word), nr_pages_t(1))
            tlb.pages[place] = encode_page(encoded_page_ptr(word), 0)
