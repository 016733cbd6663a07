# SPDX-License-Identifier: GPL-2.0-only
"""include/asm-generic/tlb.h of 3.0: the gather, its gate, and what its callers write.

The functions have moved to mm/memory.c.  Every field is written when a gather begins, so what was on the stack makes no
difference any more.  Fast mode is left, for kernels with one possible CPU: it frees pages before it flushes.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import CONFIG_SMP
from mmu_gather_spec.linked import (
    __pmd_free_tlb,
    __pte_free_tlb,
    __tlb_remove_tlb_entry,
)
from mmu_gather_spec.linked_later import __tlb_remove_page, tlb_flush_mmu
from mmu_gather_spec.words import mm_struct, page_p, pte_t, table_p

from mmu_gather_reference.v3_0.mmu_gather_batch import gather_batch, local_batch
from mmu_gather_reference.v3_0.mmu_table_batch import mmu_table_batch


class mmu_gather:
    """struct mmu_gather - on the caller's stack, with whatever content was there"""

    __slots__ = ("active", "batch", "fast_mode", "fullmm", "local", "mm", "need_flush")

    mm: mm_struct
    batch: mmu_table_batch | None
    need_flush: int  #: really unmapped some ptes?
    fast_mode: int  #: no batching of pages
    fullmm: int
    active: gather_batch  #: the batch that is being filled
    local: local_batch


def tlb_fast_mode(tlb: mmu_gather, /) -> bool:
    """tlb_fast_mode - whether pages are freed at once, before the flush

    UP does not care for the order of flush and free; with one possible CPU SMP does not, either.
    """
    return not CONFIG_SMP() or bool(tlb.fast_mode)


def tlb_remove_page(tlb: mmu_gather, page: page_p, /) -> None:
    """tlb_remove_page - give a page; flushes by itself where no slot is left"""
    if not __tlb_remove_page(tlb, page):
        tlb_flush_mmu(tlb)


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
