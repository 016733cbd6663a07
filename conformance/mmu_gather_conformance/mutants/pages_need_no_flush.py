# SPDX-License-Identifier: GPL-2.0-only
"""A gather that was given no table finds that it need not invalidate."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather, tlb_fast_mode
from mmu_gather_spec.kernel import free_pages_and_swap_cache
from mmu_gather_spec.linked import tlb_flush, tlb_table_flush

#: the rule that catches it
BREAKS: Final = "order.nothing-stale-in-its-range"
#: a case in which it does
SHOWS_IN: Final = "entry-only/nohash"
ARCHS: Final = ["nohash"]


def tlb_flush_mmu(tlb: mmu_gather, start: int, end: int, /) -> None:
    """tlb_flush_mmu - the batch of tables is taken for the gate"""
    if not tlb.need_flush:
        return
    tlb.need_flush = 0
    if tlb.batch is not None:
        tlb_flush(tlb)
        tlb_table_flush(tlb)
    if not tlb_fast_mode(tlb):
        free_pages_and_swap_cache(tlb.pages, tlb.nr)
        tlb.nr = 0
