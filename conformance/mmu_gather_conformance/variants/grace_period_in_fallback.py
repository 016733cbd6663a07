# SPDX-License-Identifier: GPL-2.0-only
"""Without a batch a whole grace period is waited for: that is stronger than an IPI."""

from __future__ import annotations

from mmu_gather_spec.kernel import synchronize_sched
from mmu_gather_spec.linked import __tlb_remove_table
from mmu_gather_spec.words import pgf_p


def tlb_remove_table_one(table: pgf_p, /) -> None:
    """tlb_remove_table_one - synchronize_sched instead of the IPI"""
    synchronize_sched()
    __tlb_remove_table(table)
