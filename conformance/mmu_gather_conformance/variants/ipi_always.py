# SPDX-License-Identifier: GPL-2.0-only
"""No table is ever batched; each waits for an IPI to every other CPU, which is enough for any walker."""

from __future__ import annotations

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_reference.rfc_2010.memory import tlb_remove_table_one
from mmu_gather_spec.words import pgf_p


def tlb_remove_table(tlb: mmu_gather, table: pgf_p, /) -> None:
    """tlb_remove_table - always the fallback"""
    tlb.need_flush = 1
    tlb_remove_table_one(table)
