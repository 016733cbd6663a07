# SPDX-License-Identifier: GPL-2.0-only
"""The batch is allocated when the gather begins, needed or not."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import FAST_MODE, LOCAL, mmu_gather
from mmu_gather_reference.rfc_2010.mmu_table_batch import mmu_table_batch
from mmu_gather_spec.kernel import GFP_ATOMIC, __get_free_page, num_online_cpus
from mmu_gather_spec.words import mm_struct, page_p

#: the rule that catches it
BREAKS: Final = "batch.allocated-for-its-first-table"
#: a case in which it does
SHOWS_IN: Final = "one-table/hash64"


def tlb_gather_mmu(tlb: mmu_gather, mm: mm_struct, full_mm_flush: int, /) -> None:
    """tlb_gather_mmu - with a batch in advance"""
    tlb.mm = mm
    tlb.local = [page_p(0)] * LOCAL
    tlb.max = LOCAL
    tlb.pages = tlb.local
    tlb.nr = 0 if num_online_cpus() > 1 else FAST_MODE
    tlb.fullmm = full_mm_flush
    tlb.need_flush = 0
    page = __get_free_page(GFP_ATOMIC)
    tlb.batch = None if page is None else mmu_table_batch(page)
    if tlb.batch is not None:
        tlb.batch.nr = 0
