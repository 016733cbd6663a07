# SPDX-License-Identifier: GPL-2.0-only
"""The batch waits for a grace period that IRQs off do not hold back."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_reference.rfc_2010.memory import tlb_remove_table_rcu
from mmu_gather_spec.kernel import call_rcu

#: the rule that catches it
BREAKS: Final = "separation.sched-flavour"
#: a case in which it does
SHOWS_IN: Final = "flush-between/hash64"


def tlb_table_flush(tlb: mmu_gather, /) -> None:
    """tlb_table_flush - call_rcu instead of call_rcu_sched"""
    if tlb.batch is not None:
        call_rcu(tlb.batch.rcu, tlb_remove_table_rcu)
        tlb.batch = None
