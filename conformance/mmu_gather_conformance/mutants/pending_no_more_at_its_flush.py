# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: a gather stops being counted as pending before its last flush."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather
from mmu_gather_reference.v6_12.mmu_gather import tlb_batch_list_free, tlb_flush_mmu
from mmu_gather_spec.kernel_later import dec_tlb_flush_pending

#: the rule that catches it
BREAKS: Final = "gather.pending-while-open"
#: a case in which it does
SHOWS_IN: Final = "one-page/nohash"
#: the architectures that it changes
ARCHS: Final = ["nohash"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_finish_mmu(tlb: mmu_gather, /) -> None:
    """tlb_finish_mmu - the count goes first"""
    dec_tlb_flush_pending(tlb.mm)
    tlb_flush_mmu(tlb)
    tlb_batch_list_free(tlb)
