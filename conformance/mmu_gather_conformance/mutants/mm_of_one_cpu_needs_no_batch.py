# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: a table is freed at once where no other CPU has run the mm, with preemption off for the length of that."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12 import mmu_gather as mm_mmu_gather_c
from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather
from mmu_gather_spec.kernel import preempt_disable, preempt_enable
from mmu_gather_spec.kernel_earlier import mm_cpumask_is_this_cpu
from mmu_gather_spec.linked import __tlb_remove_table
from mmu_gather_spec.words import pgf_p

#: the rule that catches it
BREAKS: Final = "separation.no-shortcut"
#: a case in which it does
SHOWS_IN: Final = "who-has-run-the-mm/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_remove_table(tlb: mmu_gather, table: pgf_p, /) -> None:
    """tlb_remove_table - as in 2.6.37"""
    preempt_disable()
    alone = mm_cpumask_is_this_cpu(tlb.mm)
    if alone:
        __tlb_remove_table(table)
    preempt_enable()
    if not alone:
        mm_mmu_gather_c.tlb_remove_table(tlb, table)
