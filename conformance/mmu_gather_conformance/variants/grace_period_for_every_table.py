# SPDX-License-Identifier: GPL-2.0-only
"""v7.0: no table is batched; each is invalidated where that is needed, and its caller waits for a grace period."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v7_0.asm_generic_tlb import mmu_gather
from mmu_gather_reference.v7_0.mmu_gather import tlb_remove_table_sync_rcu, tlb_table_invalidate
from mmu_gather_spec.linked import __tlb_remove_table
from mmu_gather_spec.words import pgf_p

#: the architectures that it changes
ARCHS: Final = ["hash64", "arm64"]
#: the era whose reference it changes
ERA: Final = "v7.0"


def tlb_remove_table(tlb: mmu_gather, table: pgf_p, /) -> None:
    """tlb_remove_table - the fallback of who has no PT_RECLAIM, always"""
    tlb_table_invalidate(tlb)
    tlb_remove_table_sync_rcu()
    __tlb_remove_table(table)
