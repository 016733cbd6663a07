# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: a table is left to one owner alone, and no walker is waited for."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather, tlb_flush_mmu_tlbonly

#: the rule that catches it
BREAKS: Final = "separation.unshared-waited-for"
#: a case in which it does
SHOWS_IN: Final = "table-unshared/x86"
#: the architectures that it changes
ARCHS: Final = ["x86"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_flush_unshared_tables(tlb: mmu_gather, /) -> None:
    """tlb_flush_unshared_tables - flushes, and that is all"""
    if tlb.unshared_tables:
        tlb_flush_mmu_tlbonly(tlb)
