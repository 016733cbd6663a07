# SPDX-License-Identifier: GPL-2.0-only
"""include/asm-generic/tlb.h of 4.19: the gather keeps a range, and the range is the gate.

There is no need_flush.  Whatever is unmapped widens the range; tlb_flush_mmu_tlbonly() flushes where there is one, and
forgets it.  What went out of the range, an entry or a table, is not kept: an arch that has to know says so itself.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import BITS_PER_LONG, PAGE_SIZE
from mmu_gather_spec.kernel_later import TASK_SIZE
from mmu_gather_spec.linked import (
    __pmd_free_tlb,
    __tlb_remove_tlb_entry,
    tlb_flush,
)
from mmu_gather_spec.linked_later import IS_ENABLED, __pte_free_tlb, __tlb_remove_page_size, tlb_flush_mmu
from mmu_gather_spec.words import mm_struct, page_p, pgtable_t, pte_t, table_p

from mmu_gather_reference.v4_19.mmu_gather_batch import gather_batch, local_batch
from mmu_gather_reference.v4_19.mmu_table_batch import mmu_table_batch


class mmu_gather:
    """struct mmu_gather - on the caller's stack, with whatever content was there"""

    __slots__ = (
        "active", "batch", "batch_count", "end", "fullmm", "local", "mm", "need_flush_all", "page_size", "start",
    )  # fmt: skip

    mm: mm_struct
    batch: mmu_table_batch | None
    start: int  #: the first address that was unmapped
    end: int  #: the one behind the last; 0 where there is none
    fullmm: int  #: the whole address space goes away
    need_flush_all: int  #: the range is not enough
    batch_count: int  #: pages of slots in the chain
    active: gather_batch  #: the batch that is being filled
    local: local_batch
    page_size: int  #: of the entries since the last flush; 0 for none yet


def __tlb_adjust_range(tlb: mmu_gather, address: int, range_size: int, /) -> None:
    """__tlb_adjust_range - widen the range to what was unmapped now"""
    tlb.start = min(tlb.start, address)
    tlb.end = max(tlb.end, address + range_size)


def __tlb_reset_range(tlb: mmu_gather, /) -> None:
    """__tlb_reset_range - nothing is left to flush; a whole mm stays whole"""
    if tlb.fullmm:
        tlb.start = tlb.end = (1 << BITS_PER_LONG()) - 1
    else:
        tlb.start = TASK_SIZE()
        tlb.end = 0


def tlb_flush_mmu_tlbonly(tlb: mmu_gather, /) -> None:
    """tlb_flush_mmu_tlbonly - invalidate what was unmapped, and free nothing"""
    if not tlb.end:
        return

    tlb_flush(tlb)
    __tlb_reset_range(tlb)


def tlb_remove_page_size(tlb: mmu_gather, page: page_p, page_size: int, /) -> None:
    """tlb_remove_page_size - give a page of this size, and flush where the slots ran out"""
    if __tlb_remove_page_size(tlb, page, page_size):
        tlb_flush_mmu(tlb)


def __tlb_remove_page(tlb: mmu_gather, page: page_p, /) -> bool:
    """__tlb_remove_page - give a page; true where no slot is left, and the caller has to flush"""
    return __tlb_remove_page_size(tlb, page, PAGE_SIZE())


def tlb_remove_page(tlb: mmu_gather, page: page_p, /) -> None:
    """tlb_remove_page - give a page whose entry was noted; flushes by itself"""
    tlb_remove_page_size(tlb, page, PAGE_SIZE())


def tlb_remove_check_page_size_change(tlb: mmu_gather, page_size: int, /) -> None:
    """tlb_remove_check_page_size_change - where an arch flushes by page size, entries of one size go together"""
    if not IS_ENABLED("CONFIG_ARCH_HAS_PAGE_SIZE_CHANGE"):
        return
    if tlb.page_size and tlb.page_size != page_size:
        tlb_flush_mmu(tlb)
    tlb.page_size = page_size


def tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None:
    """tlb_remove_tlb_entry - one translation went away"""
    __tlb_adjust_range(tlb, address, PAGE_SIZE())
    __tlb_remove_tlb_entry(tlb, ptep, address)


def pte_free_tlb(tlb: mmu_gather, ptep: pgtable_t, address: int, /) -> None:
    """pte_free_tlb - what a caller writes to free a PTE table"""
    __tlb_adjust_range(tlb, address, PAGE_SIZE())
    __pte_free_tlb(tlb, ptep, address)


def pmd_free_tlb(tlb: mmu_gather, pmdp: table_p, address: int, /) -> None:
    """pmd_free_tlb - what a caller writes to free a PMD table"""
    __tlb_adjust_range(tlb, address, PAGE_SIZE())
    __pmd_free_tlb(tlb, pmdp, address)
