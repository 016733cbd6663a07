# SPDX-License-Identifier: GPL-2.0-only
"""The callback looks into the gather that submitted it."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_reference.rfc_2010.mmu_table_batch import mmu_table_batch
from mmu_gather_spec.kernel import atomic_read, call_rcu_sched, free_page
from mmu_gather_spec.layout import container_of
from mmu_gather_spec.linked import __tlb_remove_table
from mmu_gather_spec.words import rcu_head_p

#: the rule that catches it
BREAKS: Final = "batch.callback-needs-only-its-argument"
#: a case in which it does
SHOWS_IN: Final = "flush-between/hash64"

_submitter: list[mmu_gather] = []


def tlb_table_flush(tlb: mmu_gather, /) -> None:
    """tlb_table_flush - remembers who it was"""
    if tlb.batch is not None:
        _submitter[:] = [tlb]
        call_rcu_sched(tlb.batch.rcu, tlb_remove_table_rcu)
        tlb.batch = None


def tlb_remove_table_rcu(head: rcu_head_p, /) -> None:
    """tlb_remove_table_rcu - asks the gather how many users there are"""
    batch = container_of(head, mmu_table_batch)
    atomic_read(_submitter[0].mm.mm_users)
    for i in range(batch.nr):
        __tlb_remove_table(batch.tables[i])
    free_page(batch.address)
