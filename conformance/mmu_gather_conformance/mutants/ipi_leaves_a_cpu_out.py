# SPDX-License-Identifier: GPL-2.0-only
"""The fallback interrupts this CPU alone, which is nobody."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.memory import tlb_remove_table_smp_sync
from mmu_gather_spec.kernel import smp_call_function_many, smp_processor_id
from mmu_gather_spec.linked import __tlb_remove_table
from mmu_gather_spec.words import pgf_p

#: the rule that catches it
BREAKS: Final = "separation.every-cpu"
#: a case in which it does
SHOWS_IN: Final = "flush-between/hash64"


def tlb_remove_table_one(table: pgf_p, /) -> None:
    """tlb_remove_table_one - the mask holds only the caller"""
    smp_call_function_many(frozenset({smp_processor_id()}), tlb_remove_table_smp_sync, None, 1)
    __tlb_remove_table(table)
