# SPDX-License-Identifier: GPL-2.0-only
"""The fallback waits for a grace period with interrupts off, which therefore never ends."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import local_irq_disable, local_irq_enable, synchronize_sched
from mmu_gather_spec.linked import __tlb_remove_table
from mmu_gather_spec.words import pgf_p

#: the rule that catches it
BREAKS: Final = "progress.waits-with-irqs-on"
#: a case in which it does
SHOWS_IN: Final = "flush-between/hash64"


def tlb_remove_table_one(table: pgf_p, /) -> None:
    """tlb_remove_table_one - synchronize_sched, and it may not sleep"""
    local_irq_disable()
    synchronize_sched()
    local_irq_enable()
    __tlb_remove_table(table)
