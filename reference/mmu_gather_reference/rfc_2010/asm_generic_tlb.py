# SPDX-License-Identifier: GPL-2.0-only
"""include/asm-generic/tlb.h at the seed: the gather, its gate, and the batch of pages.

The patch adds `batch` to struct mmu_gather and one call of tlb_table_flush() to
tlb_flush_mmu(); everything else stands as the earlier patches of the series left it.
The bodies of tlb_gather_mmu(), tlb_finish_mmu() and tlb_remove_page() are not in the
patch; they are rebuilt from the lines that the posting of January 2011 removes.

As that posting shows them, tlb_gather_mmu() does not write need_flush, and a gather
that starts with one CPU online frees pages before it flushes (fast mode).  Both are
kept: a reference shows the code that was, and the rules know its errata.
"""

from __future__ import annotations

from collections.abc import MutableSequence
from typing import Final, TypeAlias

from mmu_gather_spec.kernel import (
    __GFP_NOWARN,
    BITS_PER_LONG,
    CONFIG_SMP,
    GFP_NOWAIT,
    PAGE_SIZE,
    __get_free_pages,
    free_page_and_swap_cache,
    free_pages,
    free_pages_and_swap_cache,
    num_online_cpus,
)
from mmu_gather_spec.layout import Elements, FlexibleArray, Struct
from mmu_gather_spec.linked import (
    __pmd_free_tlb,
    __pte_free_tlb,
    __tlb_remove_tlb_entry,
    tlb_flush,
    tlb_table_flush,
)
from mmu_gather_spec.words import mm_struct, page_p, pte_t, table_p, unsigned_long

from mmu_gather_reference.rfc_2010.mmu_table_batch import mmu_table_batch

#: The value of `nr` that means fast mode: ~0U.
FAST_MODE: Final = 0xFFFFFFFF
#: ARRAY_SIZE(tlb->local): slots on the caller's stack, for when no page can be had.
LOCAL: Final = 8


class page_array(Struct):
    """A page full of `struct page *`."""

    __slots__ = ()

    slots = FlexibleArray(page_p, unsigned_long)


page_slots: TypeAlias = MutableSequence[page_p] | Elements[page_p]


class mmu_gather:
    """struct mmu_gather - on the caller's stack, with whatever content was there"""

    __slots__ = ("batch", "fullmm", "local", "max", "mm", "need_flush", "nr", "pages")

    mm: mm_struct
    nr: int  #: set to ~0U means fast mode
    max: int  #: invariant outside fast mode: nr < max between calls
    need_flush: int  #: really unmapped some ptes?
    fullmm: int  #: non-zero means full mm flush
    pages: page_slots  #: a page of slots, or `local`
    local: MutableSequence[page_p]
    batch: mmu_table_batch | None


def tlb_fast_mode(tlb: mmu_gather, /) -> bool:
    """tlb_fast_mode - whether pages are freed at once, before the flush

    UP does not care for the order of flush and free; with one CPU online SMP does not, either.
    """
    return not CONFIG_SMP() or tlb.nr == FAST_MODE


def __tlb_alloc_pages(tlb: mmu_gather, /) -> None:
    """__tlb_alloc_pages - try for a page of slots; `local` stays where there is none"""
    addr = __get_free_pages(GFP_NOWAIT | __GFP_NOWARN, 0)

    if addr is not None:
        tlb.pages = page_array(addr).slots
        tlb.max = PAGE_SIZE() // (BITS_PER_LONG() // 8)


def tlb_gather_mmu(tlb: mmu_gather, mm: mm_struct, full_mm_flush: int, /) -> None:
    """tlb_gather_mmu - start a gather; need_flush is not written (S7)"""
    tlb.mm = mm
    tlb.local = [page_p(0)] * LOCAL
    tlb.max = LOCAL
    tlb.pages = tlb.local

    if num_online_cpus() > 1:
        tlb.nr = 0
        __tlb_alloc_pages(tlb)
    else:
        tlb.nr = FAST_MODE

    tlb.fullmm = full_mm_flush

    tlb.batch = None


def tlb_flush_mmu(tlb: mmu_gather, start: int, end: int, /) -> None:
    """tlb_flush_mmu - invalidate, submit the tables, free the pages"""
    if not tlb.need_flush:
        return
    tlb.need_flush = 0
    tlb_flush(tlb)
    tlb_table_flush(tlb)
    if not tlb_fast_mode(tlb):
        free_pages_and_swap_cache(tlb.pages, tlb.nr)
        tlb.nr = 0
        if tlb.pages is tlb.local:
            __tlb_alloc_pages(tlb)


def tlb_finish_mmu(tlb: mmu_gather, start: int, end: int, /) -> None:
    """tlb_finish_mmu - the last flush, and the page of slots goes back"""
    tlb_flush_mmu(tlb, start, end)

    if isinstance(tlb.pages, Elements):
        free_pages(tlb.pages.address, 0)


def tlb_remove_page(tlb: mmu_gather, page: page_p, /) -> None:
    """tlb_remove_page - free a page after its translations, or at once in fast mode"""
    tlb.need_flush = 1
    if tlb_fast_mode(tlb):
        free_page_and_swap_cache(page)
        return
    tlb.pages[tlb.nr] = page
    tlb.nr += 1
    if tlb.nr >= tlb.max:
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
