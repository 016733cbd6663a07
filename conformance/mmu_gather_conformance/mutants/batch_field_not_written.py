# SPDX-License-Identifier: GPL-2.0-only
"""tlb_gather_mmu() does not write the batch."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import FAST_MODE, LOCAL, mmu_gather
from mmu_gather_spec.kernel import num_online_cpus
from mmu_gather_spec.words import mm_struct, page_p

#: the rule that catches it
BREAKS: Final = "gather.every-field-written"


def tlb_gather_mmu(tlb: mmu_gather, mm: mm_struct, full_mm_flush: int, /) -> None:
    """tlb_gather_mmu - fullmm decides what nobody has written"""
    tlb.mm = mm
    tlb.local = [page_p(0)] * LOCAL
    tlb.max = LOCAL
    tlb.pages = tlb.local
    tlb.nr = 0 if num_online_cpus() > 1 and not tlb.fullmm else FAST_MODE
    tlb.fullmm = full_mm_flush
    tlb.need_flush = 0
    tlb.batch = None
