# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: a flush in between has the walkers of a table forgotten that was left to one owner alone."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather, tlb_flush_mmu_tlbonly
from mmu_gather_spec.linked_later import tlb_remove_table_sync_one

#: the rule that catches it
BREAKS: Final = "separation.unshared-waited-for"
#: a case in which it does
SHOWS_IN: Final = "flushed-before-it-unlocks/arm64"
#: the architectures that it changes
ARCHS: Final = ["arm64"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_flush_unshared_tables(tlb: mmu_gather, /) -> None:
    """tlb_flush_unshared_tables - asks what is reset by every flush, and not what is kept"""
    if tlb.unshared_tables:
        tlb_flush_mmu_tlbonly(tlb)
        if tlb.fully_unshared_tables:
            tlb_remove_table_sync_one()
        tlb.fully_unshared_tables = 0
