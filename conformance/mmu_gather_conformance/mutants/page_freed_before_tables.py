# SPDX-License-Identifier: GPL-2.0-only
"""The callback frees the page of the batch before the last table."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.mmu_table_batch import mmu_table_batch
from mmu_gather_spec.kernel import free_page
from mmu_gather_spec.layout import container_of
from mmu_gather_spec.linked import __tlb_remove_table
from mmu_gather_spec.words import rcu_head_p

#: the rule that catches it
BREAKS: Final = "batch.page-freed-last"
#: a case in which it does
SHOWS_IN: Final = "flush-between/hash64"


def tlb_remove_table_rcu(head: rcu_head_p, /) -> None:
    """tlb_remove_table_rcu - the page goes first"""
    batch = container_of(head, mmu_table_batch)
    tables = [batch.tables[i] for i in range(batch.nr)]
    free_page(batch.address)
    for table in tables:
        __tlb_remove_table(table)
