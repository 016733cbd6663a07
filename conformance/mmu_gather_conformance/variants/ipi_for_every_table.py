# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: no table is batched; each is invalidated where that is needed, and waits for an IPI to every other CPU."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather
from mmu_gather_reference.v6_12.mmu_gather import tlb_remove_table_one, tlb_table_invalidate
from mmu_gather_spec.words import pgf_p

#: the architectures that it changes
ARCHS: Final = ["hash64", "radix", "nohash"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_remove_table(tlb: mmu_gather, table: pgf_p, /) -> None:
    """tlb_remove_table - always the fallback"""
    tlb_table_invalidate(tlb)
    tlb_remove_table_one(table)
