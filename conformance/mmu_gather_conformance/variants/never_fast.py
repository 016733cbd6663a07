# SPDX-License-Identifier: GPL-2.0-only
"""Pages wait for the flush even with one CPU online: fast mode is a liberty, not a duty."""

from __future__ import annotations

from mmu_gather_reference.rfc_2010.asm_generic_tlb import LOCAL, mmu_gather
from mmu_gather_spec.words import mm_struct, page_p


def tlb_gather_mmu(tlb: mmu_gather, mm: mm_struct, full_mm_flush: int, /) -> None:
    """tlb_gather_mmu - counts no CPUs"""
    tlb.mm = mm
    tlb.local = [page_p(0)] * LOCAL
    tlb.max = LOCAL
    tlb.pages = tlb.local
    tlb.need_flush = 0
    tlb.nr = 0
    tlb.fullmm = full_mm_flush
    tlb.batch = None


def tlb_fast_mode(tlb: mmu_gather, /) -> bool:
    """tlb_fast_mode - never"""
    return False
