# SPDX-License-Identifier: GPL-2.0-only
"""include/asm-generic/tlb.h of 7.0: the gather keeps a range and what was cleared in it; that is the gate.

There is no need_flush.  Whatever is unmapped widens the range and sets a bit for the level at which an entry went;
tlb_flush_mmu_tlbonly() flushes where any bit is set, and forgets all of them.  A page that is given opens no gate
by itself: its entry has done so.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import BITS_PER_LONG, CONFIG_SMP, PAGE_SIZE
from mmu_gather_spec.kernel_later import TASK_SIZE, ptdesc_pmd_is_shared, ptdesc_pmd_pts_dec
from mmu_gather_spec.levels import PUD_SIZE
from mmu_gather_spec.linked import (
    __pmd_free_tlb,
    __tlb_remove_tlb_entry,
    tlb_flush,
    tlb_remove_table,
)
from mmu_gather_spec.linked_later import (
    IS_ENABLED,
    __pte_free_tlb,
    __tlb_remove_page_size,
    tlb_flush_mmu,
    tlb_remove_table_sync_one,
)
from mmu_gather_spec.words import mm_struct, page_p, pgf_p, pgtable_t, ptdesc_p, pte_t, table_p, vm_area_struct

from mmu_gather_reference.v7_0.mmu_gather_batch import gather_batch, local_batch
from mmu_gather_reference.v7_0.mmu_table_batch import mmu_table_batch


def tlb_delay_rmap(tlb: mmu_gather, /) -> bool:
    """tlb_delay_rmap - whether an rmap may wait for the flush: on SMP, and the gather notes it"""
    if not CONFIG_SMP():
        return False
    tlb.delayed_rmap = 1
    return True


class mmu_gather:
    """struct mmu_gather - on the caller's stack, with whatever content was there"""

    __slots__ = (
        "active", "batch", "batch_count", "cleared_p4ds", "cleared_pmds", "cleared_ptes", "cleared_puds",
        "delayed_rmap", "end", "freed_tables", "fullmm", "fully_unshared_tables", "local", "mm", "need_flush_all",
        "page_size", "start", "unshared_tables", "vma_exec", "vma_huge", "vma_pfn",
    )  # fmt: skip

    mm: mm_struct
    batch: mmu_table_batch | None
    start: int  #: the first address that was unmapped
    end: int  #: the one behind the last; 0 where there is none
    fullmm: int  #: the whole address space goes away
    need_flush_all: int  #: the range is not enough
    freed_tables: int  #: tables were freed: walk caches have to go as well
    delayed_rmap: int  #: some slots still have their rmap
    cleared_ptes: int  #: at which levels entries were cleared
    cleared_pmds: int
    cleared_puds: int
    cleared_p4ds: int
    vma_exec: int  #: of the VMA that is being unmapped; an intermediate flush leaves them
    vma_huge: int
    vma_pfn: int
    unshared_tables: int  #: the way to a table that others map as well was cleared
    fully_unshared_tables: int  #: one such table is now another's alone, who may use it for something else
    batch_count: int  #: pages of slots in the chain
    active: gather_batch  #: the batch that is being filled
    local: local_batch
    page_size: int  #: of the entries since the last flush; 0 for none yet


#: The largest `range_size`.
UINT_MAX = 0xFFFFFFFF


def __tlb_adjust_range(tlb: mmu_gather, address: int, range_size: int, /) -> None:
    """__tlb_adjust_range - widen the range to what was unmapped now; an unsigned int holds no 64G, but 0"""
    tlb.start = min(tlb.start, address)
    tlb.end = max(tlb.end, address + (range_size & UINT_MAX))


def __tlb_reset_range(tlb: mmu_gather, /) -> None:
    """__tlb_reset_range - nothing is left to flush; a whole mm stays whole"""
    if tlb.fullmm:
        tlb.start = tlb.end = (1 << BITS_PER_LONG()) - 1
    else:
        tlb.start = TASK_SIZE()
        tlb.end = 0
    tlb.freed_tables = 0
    tlb.cleared_ptes = 0
    tlb.cleared_pmds = 0
    tlb.cleared_puds = 0
    tlb.cleared_p4ds = 0
    tlb.unshared_tables = 0


def tlb_update_vma_flags(tlb: mmu_gather, vma: vm_area_struct, /) -> None:
    """tlb_update_vma_flags - what an arch's flush may ask of the VMA"""
    tlb.vma_huge = int(vma.vm_hugetlb)
    tlb.vma_exec = int(vma.vm_exec)
    tlb.vma_pfn |= int(vma.vm_pfn)


def tlb_flush_mmu_tlbonly(tlb: mmu_gather, /) -> None:
    """tlb_flush_mmu_tlbonly - invalidate what was unmapped, and free nothing"""
    cleared = tlb.cleared_ptes or tlb.cleared_pmds or tlb.cleared_puds or tlb.cleared_p4ds
    if not (tlb.freed_tables or cleared or tlb.unshared_tables):
        return

    tlb_flush(tlb)
    __tlb_reset_range(tlb)


def tlb_remove_page_size(tlb: mmu_gather, page: page_p, page_size: int, /) -> None:
    """tlb_remove_page_size - give a page of this size, and flush where the slots ran out"""
    if __tlb_remove_page_size(tlb, page, False, page_size):
        tlb_flush_mmu(tlb)


def __tlb_remove_page(tlb: mmu_gather, page: page_p, delay_rmap: bool, /) -> bool:
    """__tlb_remove_page - give a page; true where no slot is left, and the caller has to flush"""
    return __tlb_remove_page_size(tlb, page, delay_rmap, PAGE_SIZE())


def tlb_remove_page(tlb: mmu_gather, page: page_p, /) -> None:
    """tlb_remove_page - give a page whose entry was noted; flushes by itself"""
    tlb_remove_page_size(tlb, page, PAGE_SIZE())


def tlb_remove_ptdesc(tlb: mmu_gather, pt: pgf_p, /) -> None:
    """tlb_remove_ptdesc - as tlb_remove_table()"""
    tlb_remove_table(tlb, pt)


def tlb_change_page_size(tlb: mmu_gather, page_size: int, /) -> None:
    """tlb_change_page_size - where an arch flushes by page size, entries of one size are flushed together"""
    if not IS_ENABLED("CONFIG_MMU_GATHER_PAGE_SIZE"):
        return
    if tlb.page_size and tlb.page_size != page_size:
        if not tlb.fullmm and not tlb.need_flush_all:
            tlb_flush_mmu(tlb)

    tlb.page_size = page_size


def tlb_start_vma(tlb: mmu_gather, vma: vm_area_struct, /) -> None:
    """tlb_start_vma - what follows belongs to this VMA"""
    if tlb.fullmm:
        return

    tlb_update_vma_flags(tlb, vma)


def tlb_end_vma(tlb: mmu_gather, vma: vm_area_struct, /) -> None:
    """tlb_end_vma - flush, unless ranges may grow over VMAs"""
    if tlb.fullmm or IS_ENABLED("CONFIG_MMU_GATHER_MERGE_VMAS"):
        return

    tlb_flush_mmu_tlbonly(tlb)


def tlb_free_vmas(tlb: mmu_gather, /) -> None:
    """tlb_free_vmas - mappings are about to leave the reverse maps: flush what nobody counts before"""
    if tlb.fullmm:
        return

    if tlb.vma_pfn:
        tlb_flush_mmu_tlbonly(tlb)
        tlb.vma_pfn = 0


def tlb_flush_pte_range(tlb: mmu_gather, address: int, size: int, /) -> None:
    """tlb_flush_pte_range - entries of a PTE table were cleared"""
    __tlb_adjust_range(tlb, address, size)
    tlb.cleared_ptes = 1


def tlb_flush_pmd_range(tlb: mmu_gather, address: int, size: int, /) -> None:
    """tlb_flush_pmd_range - entries of a PMD table were cleared"""
    __tlb_adjust_range(tlb, address, size)
    tlb.cleared_pmds = 1


def tlb_flush_pud_range(tlb: mmu_gather, address: int, size: int, /) -> None:
    """tlb_flush_pud_range - entries of a PUD table were cleared"""
    __tlb_adjust_range(tlb, address, size)
    tlb.cleared_puds = 1


def tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None:
    """tlb_remove_tlb_entry - one translation went away"""
    tlb_flush_pte_range(tlb, address, PAGE_SIZE())
    __tlb_remove_tlb_entry(tlb, ptep, address)


def pte_free_tlb(tlb: mmu_gather, ptep: pgtable_t, address: int, /) -> None:
    """pte_free_tlb - what a caller writes to free a PTE table: an entry of the PMD table went"""
    tlb_flush_pmd_range(tlb, address, PAGE_SIZE())
    tlb.freed_tables = 1
    __pte_free_tlb(tlb, ptep, address)


def pmd_free_tlb(tlb: mmu_gather, pmdp: table_p, address: int, /) -> None:
    """pmd_free_tlb - what a caller writes to free a PMD table: an entry of the PUD table went"""
    tlb_flush_pud_range(tlb, address, PAGE_SIZE())
    tlb.freed_tables = 1
    __pmd_free_tlb(tlb, pmdp, address)


def tlb_unshare_pmd_ptdesc(tlb: mmu_gather, pt: ptdesc_p, addr: int, /) -> None:
    """tlb_unshare_pmd_ptdesc - a shared PMD table was left: one sharer less, and all that it maps has to go"""
    ptdesc_pmd_pts_dec(pt)

    tlb_flush_pmd_range(tlb, addr & ~(PUD_SIZE() - 1), PUD_SIZE())

    if not ptdesc_pmd_is_shared(pt):
        tlb.fully_unshared_tables = 1
    tlb.unshared_tables = 1


def tlb_flush_unshared_tables(tlb: mmu_gather, /) -> None:
    """tlb_flush_unshared_tables - before the lock goes: flush, and wait for walkers of what nobody shares any more"""
    if tlb.unshared_tables:
        tlb_flush_mmu_tlbonly(tlb)

    if tlb.fully_unshared_tables:
        tlb_remove_table_sync_one()
        tlb.fully_unshared_tables = 0
