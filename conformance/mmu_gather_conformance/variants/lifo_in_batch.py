# SPDX-License-Identifier: GPL-2.0-only
"""The tables of a batch are freed last in, first out: their order is nobody's promise."""

from __future__ import annotations

from mmu_gather_reference.rfc_2010.mmu_table_batch import mmu_table_batch
from mmu_gather_spec.kernel import free_page
from mmu_gather_spec.layout import container_of
from mmu_gather_spec.linked import __tlb_remove_table
from mmu_gather_spec.words import rcu_head_p


def tlb_remove_table_rcu(head: rcu_head_p, /) -> None:
    """tlb_remove_table_rcu - backwards"""
    batch = container_of(head, mmu_table_batch)
    for i in reversed(range(batch.nr)):
        __tlb_remove_table(batch.tables[i])
    free_page(batch.address)
