# SPDX-License-Identifier: GPL-2.0-only
"""The flush frees the tables itself: it has invalidated, but it has waited for nobody."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_reference.rfc_2010.memory import tlb_remove_table_rcu

#: the rule that catches it
BREAKS: Final = "walk.never-a-freed-table"
#: a case in which it does
SHOWS_IN: Final = "gup-fast/hash64"


def tlb_table_flush(tlb: mmu_gather, /) -> None:
    """tlb_table_flush - what RCU would have done, done at once"""
    if tlb.batch is not None:
        tlb_remove_table_rcu(tlb.batch.rcu)
        tlb.batch = None
