# SPDX-License-Identifier: GPL-2.0-only
"""A batch is handed to RCU, and again before its callback has run."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_reference.rfc_2010.memory import tlb_remove_table_rcu
from mmu_gather_spec.kernel import call_rcu_sched

#: the rule that catches it
BREAKS: Final = "batch.untouched-after-submit"
#: a case in which it does
SHOWS_IN: Final = "one-table/hash64"


def tlb_table_flush(tlb: mmu_gather, /) -> None:
    """tlb_table_flush - call_rcu_sched twice"""
    if tlb.batch is not None:
        call_rcu_sched(tlb.batch.rcu, tlb_remove_table_rcu)
        call_rcu_sched(tlb.batch.rcu, tlb_remove_table_rcu)
        tlb.batch = None
