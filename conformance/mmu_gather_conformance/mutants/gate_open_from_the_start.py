# SPDX-License-Identifier: GPL-2.0-only
"""A gather begins as if something had been unmapped already."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import FAST_MODE, LOCAL, __tlb_alloc_pages, mmu_gather
from mmu_gather_spec.kernel import num_online_cpus
from mmu_gather_spec.words import mm_struct, page_p

#: the rule that catches it
BREAKS: Final = "order.gate-closed-when-clean"
#: a case in which it does
SHOWS_IN: Final = "empty-gather/hash64/up"


def tlb_gather_mmu(tlb: mmu_gather, mm: mm_struct, full_mm_flush: int, /) -> None:
    """tlb_gather_mmu - need_flush is 1"""
    tlb.mm = mm
    tlb.local = [page_p(0)] * LOCAL
    tlb.max = LOCAL
    tlb.pages = tlb.local
    tlb.need_flush = 1
    if num_online_cpus() > 1:
        tlb.nr = 0
        __tlb_alloc_pages(tlb)
    else:
        tlb.nr = FAST_MODE
    tlb.fullmm = full_mm_flush
    tlb.batch = None
