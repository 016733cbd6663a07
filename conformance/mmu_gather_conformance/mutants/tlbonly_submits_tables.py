# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: the flush of the TLB only hands the tables over as well, as in v3.15 to v4.18."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12.asm_generic_tlb import __tlb_reset_range, mmu_gather
from mmu_gather_reference.v6_12.mmu_gather import tlb_table_flush
from mmu_gather_spec.linked import tlb_flush

#: the rule that catches it
BREAKS: Final = "order.tlbonly-frees-nothing"
#: a case in which it does
SHOWS_IN: Final = "invalidate-only/nohash"
#: the architectures that it changes
ARCHS: Final = ["nohash"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_flush_mmu_tlbonly(tlb: mmu_gather, /) -> None:
    """tlb_flush_mmu_tlbonly - with the tables, which are the free half's"""
    cleared = tlb.cleared_ptes or tlb.cleared_pmds or tlb.cleared_puds or tlb.cleared_p4ds
    if not (tlb.freed_tables or cleared):
        return

    tlb_flush(tlb)
    __tlb_reset_range(tlb)
    tlb_table_flush(tlb)
