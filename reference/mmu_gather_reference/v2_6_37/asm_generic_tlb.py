# SPDX-License-Identifier: GPL-2.0-only
"""include/asm-generic/tlb.h of 2.6.37: one gather for each CPU, which knows nothing of tables.

tlb_gather_mmu() hands this CPU's gather out and leaves preemption off until tlb_finish_mmu().  So nobody else can be
in it, and nothing of it is on a stack; and so whatever a gather does is not to be interrupted by another task.  It
begins as it was left, with everything flushed.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import (
    CONFIG_SMP,
    free_page_and_swap_cache,
    free_pages_and_swap_cache,
    num_online_cpus,
    preempt_disable,
    preempt_enable,
)
from mmu_gather_spec.kernel_earlier import per_cpu
from mmu_gather_spec.linked import (
    __pmd_free_tlb,
    __pte_free_tlb,
    __tlb_remove_tlb_entry,
    tlb_flush,
)
from mmu_gather_spec.words import mm_struct, page_p, pte_t, table_p

#: The value of `nr` that means fast mode: ~0U.
FAST_MODE: Final = 0xFFFFFFFF
#: Slots for pages in a gather; on UP there is one, and it is not used.
FREE_PTE_NR: Final = 506


class mmu_gather:
    """struct mmu_gather - one for each CPU: DEFINE_PER_CPU(struct mmu_gather, mmu_gathers)"""

    __slots__ = ("fullmm", "mm", "need_flush", "nr", "pages")

    mm: mm_struct
    nr: int  #: set to ~0U means fast mode
    need_flush: int  #: really unmapped some ptes?
    fullmm: int  #: non-zero means full mm flush
    pages: list[page_p]


def mmu_gathers() -> mmu_gather:
    """mmu_gathers - this CPU's gather, zeroed when the machine came up"""

    def zeroed() -> mmu_gather:
        tlb = mmu_gather()
        tlb.nr = tlb.need_flush = tlb.fullmm = 0
        tlb.pages = [page_p(0)] * FREE_PTE_NR
        return tlb

    return per_cpu("mmu_gathers", zeroed)


def tlb_fast_mode(tlb: mmu_gather, /) -> bool:
    """tlb_fast_mode - whether pages are freed at once, before the flush

    UP does not care for the order of flush and free; with one CPU online SMP does not, either.
    """
    return not CONFIG_SMP() or tlb.nr == FAST_MODE


def tlb_gather_mmu(mm: mm_struct, full_mm_flush: int, /) -> mmu_gather:
    """tlb_gather_mmu - start a gather: it is this CPU's, and preemption stays off"""
    preempt_disable()
    tlb = mmu_gathers()

    tlb.mm = mm

    tlb.nr = 0 if num_online_cpus() > 1 else FAST_MODE

    tlb.fullmm = full_mm_flush

    return tlb


def tlb_flush_mmu(tlb: mmu_gather, start: int, end: int, /) -> None:
    """tlb_flush_mmu - invalidate, then free the pages"""
    if not tlb.need_flush:
        return
    tlb.need_flush = 0
    tlb_flush(tlb)
    if not tlb_fast_mode(tlb):
        free_pages_and_swap_cache(tlb.pages, tlb.nr)
        tlb.nr = 0


def tlb_finish_mmu(tlb: mmu_gather, start: int, end: int, /) -> None:
    """tlb_finish_mmu - the last flush, and preemption is on again"""
    tlb_flush_mmu(tlb, start, end)

    preempt_enable()


def tlb_remove_page(tlb: mmu_gather, page: page_p, /) -> None:
    """tlb_remove_page - free a page after its translations, or at once in fast mode"""
    tlb.need_flush = 1
    if tlb_fast_mode(tlb):
        free_page_and_swap_cache(page)
        return
    tlb.pages[tlb.nr] = page
    tlb.nr += 1
    if tlb.nr >= FREE_PTE_NR:
        tlb_flush_mmu(tlb, 0, 0)


def tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None:
    """tlb_remove_tlb_entry - one translation went away"""
    tlb.need_flush = 1
    __tlb_remove_tlb_entry(tlb, ptep, address)


def pte_free_tlb(tlb: mmu_gather, ptepage: page_p, address: int, /) -> None:
    """pte_free_tlb - what a caller writes to free a PTE table"""
    tlb.need_flush = 1
    __pte_free_tlb(tlb, ptepage, address)


def pmd_free_tlb(tlb: mmu_gather, pmdp: table_p, address: int, /) -> None:
    """pmd_free_tlb - what a caller writes to free a PMD table"""
    tlb.need_flush = 1
    __pmd_free_tlb(tlb, pmdp, address)
