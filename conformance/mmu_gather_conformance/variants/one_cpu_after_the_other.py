# SPDX-License-Identifier: GPL-2.0-only
"""The fallback interrupts one CPU after the other: what counts is that each was waited for."""

from __future__ import annotations

from mmu_gather_reference.rfc_2010.memory import tlb_remove_table_smp_sync
from mmu_gather_spec.kernel import num_online_cpus, smp_call_function_many
from mmu_gather_spec.linked import __tlb_remove_table
from mmu_gather_spec.words import pgf_p


def tlb_remove_table_one(table: pgf_p, /) -> None:
    """tlb_remove_table_one - an IPI of its own for each"""
    for cpu in range(num_online_cpus()):
        smp_call_function_many(frozenset({cpu}), tlb_remove_table_smp_sync, None, 1)
    __tlb_remove_table(table)
