# SPDX-License-Identifier: GPL-2.0-only
"""A batch's rcu_head is queued for somebody else as well, who has nothing to free in it."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_reference.rfc_2010.memory import tlb_remove_table_rcu
from mmu_gather_spec.kernel import call_rcu_sched
from mmu_gather_spec.words import rcu_head_p

#: the rule that catches it
BREAKS: Final = "batch.untouched-after-submit"
#: a case in which it does
SHOWS_IN: Final = "one-table/hash64"


def only_waits(head: rcu_head_p, /) -> None:
    """only_waits - the callback of the other"""


def tlb_table_flush(tlb: mmu_gather, /) -> None:
    """tlb_table_flush - one head, two callbacks"""
    if tlb.batch is not None:
        call_rcu_sched(tlb.batch.rcu, only_waits)
        call_rcu_sched(tlb.batch.rcu, tlb_remove_table_rcu)
        tlb.batch = None
