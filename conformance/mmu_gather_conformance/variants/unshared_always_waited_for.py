# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: walkers are waited for wherever a shared table was left, also where others go on sharing it."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather, tlb_flush_mmu_tlbonly
from mmu_gather_spec.linked_later import tlb_remove_table_sync_one

#: the era whose reference it changes
ERA: Final = "v6.12"
#: the architectures that it changes
ARCHS: Final = ["arm64"]


def tlb_flush_unshared_tables(tlb: mmu_gather, /) -> None:
    """tlb_flush_unshared_tables - the wait comes first, and for every table"""
    if tlb.unshared_tables or tlb.fully_unshared_tables:
        tlb_remove_table_sync_one()
        tlb.fully_unshared_tables = 0
        tlb_flush_mmu_tlbonly(tlb)
