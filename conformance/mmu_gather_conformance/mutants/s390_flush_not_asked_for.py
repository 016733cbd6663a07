# SPDX-License-Identifier: GPL-2.0-only
"""s390: a PTE table is queued, and flush_mm is not set."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.linked_later import __tlb_adjust_range, page_table_free_rcu
from mmu_gather_spec.words import pgtable_t, ranged_gather

#: the rule that catches it
BREAKS: Final = "gather.freed-tables-known"
#: a case in which it does
SHOWS_IN: Final = "one-table/s390"
#: the architectures that it changes
ARCHS: Final = ["s390"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def pte_free_tlb(tlb: ranged_gather, pte: pgtable_t, address: int, /) -> None:
    """pte_free_tlb - tells the gather, and not the mm"""
    __tlb_adjust_range(tlb, address, 4096)
    tlb.freed_tables = 1
    tlb.cleared_pmds = 1
    page_table_free_rcu(tlb, pte)
