# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: a flush frees the pages and leaves the tables to the next one."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather
from mmu_gather_reference.v6_12.mmu_gather import tlb_batch_pages_flush

#: the rule that catches it
BREAKS: Final = "order.nothing-kept-by-a-flush"
#: a case in which it does
SHOWS_IN: Final = "flush-between/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_flush_mmu_free(tlb: mmu_gather, /) -> None:
    """tlb_flush_mmu_free - tlb_table_flush() is left out"""
    tlb_batch_pages_flush(tlb)
