# SPDX-License-Identifier: GPL-2.0-only
"""The fallback switches interrupts off around its IPI."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.memory import tlb_remove_table_smp_sync
from mmu_gather_spec.kernel import local_irq_disable, local_irq_enable, smp_call_function
from mmu_gather_spec.linked import __tlb_remove_table
from mmu_gather_spec.words import pgf_p

#: the rule that catches it
BREAKS: Final = "progress.waits-with-irqs-on"
#: a case in which it does
SHOWS_IN: Final = "flush-between/hash64"


def tlb_remove_table_one(table: pgf_p, /) -> None:
    """tlb_remove_table_one - with interrupts off"""
    local_irq_disable()
    smp_call_function(tlb_remove_table_smp_sync, None, 1)
    local_irq_enable()
    __tlb_remove_table(table)
