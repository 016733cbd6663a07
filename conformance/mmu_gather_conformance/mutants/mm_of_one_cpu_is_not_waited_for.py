# SPDX-License-Identifier: GPL-2.0-only
"""Where no other CPU has run the mm a table is freed at once, as in 2.6.37; but there a gather could not move."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010 import memory
from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_spec.kernel_earlier import mm_cpumask_is_this_cpu
from mmu_gather_spec.linked import __tlb_remove_table
from mmu_gather_spec.words import pgf_p

#: the rule that catches it
BREAKS: Final = "separation.waited-for-every-cpu"
#: a case in which it does
SHOWS_IN: Final = "who-has-run-the-mm/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64", "hardware-walker"]


def tlb_remove_table(tlb: mmu_gather, table: pgf_p, /) -> None:
    """tlb_remove_table - cpumask_equal() is asked with preemption on"""
    if mm_cpumask_is_this_cpu(tlb.mm):
        tlb.need_flush = 1
        __tlb_remove_table(table)
        return
    memory.tlb_remove_table(tlb, table)
