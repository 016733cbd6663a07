# SPDX-License-Identifier: GPL-2.0-only
"""With several CPUs fast mode is not switched off, so that it is whatever the caller's stack held."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import FAST_MODE, LOCAL, __tlb_alloc_pages, mmu_gather
from mmu_gather_spec.kernel import num_online_cpus
from mmu_gather_spec.words import mm_struct, page_p

#: the rule that catches it
BREAKS: Final = "gather.every-field-written"
#: a case in which it does
SHOWS_IN: Final = "one-page/hardware-walker"


def tlb_gather_mmu(tlb: mmu_gather, mm: mm_struct, full_mm_flush: int, /) -> None:
    """tlb_gather_mmu - a gather that happens to be in fast mode stays in it"""
    tlb.mm = mm
    tlb.local = [page_p(0)] * LOCAL
    tlb.max = LOCAL
    tlb.pages = tlb.local
    if num_online_cpus() == 1:
        tlb.nr = FAST_MODE
    elif tlb.nr != FAST_MODE:
        tlb.nr = 0
        __tlb_alloc_pages(tlb)
    tlb.fullmm = full_mm_flush
    tlb.batch = None
