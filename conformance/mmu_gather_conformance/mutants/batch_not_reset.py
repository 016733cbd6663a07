# SPDX-License-Identifier: GPL-2.0-only
"""The gather goes on filling a batch that RCU owns."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_reference.rfc_2010.memory import tlb_remove_table_rcu
from mmu_gather_spec.kernel import call_rcu_sched

#: the rule that catches it
BREAKS: Final = "batch.untouched-after-submit"
#: a case in which it does
SHOWS_IN: Final = "batch-full/hash64/small"


def tlb_table_flush(tlb: mmu_gather, /) -> None:
    """tlb_table_flush - the pointer stays"""
    if tlb.batch is not None:
        call_rcu_sched(tlb.batch.rcu, tlb_remove_table_rcu)
