# SPDX-License-Identifier: GPL-2.0-only
"""Where hardware reads the Linux tables, they are freed at once and flushed afterwards, as the code for UP does it."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.linked import pgtable_free
from mmu_gather_spec.words import mmu_gather, shift_t, table_p

#: the rule that catches it
BREAKS: Final = "walk.hardware-never-a-freed-table"
#: a case in which it does
SHOWS_IN: Final = "hardware-one-cpu/hardware-walker"
#: the architectures that it changes
ARCHS: Final = ["hardware-walker"]


def pgtable_free_tlb(tlb: mmu_gather, table: table_p, shift: shift_t, /) -> None:
    """pgtable_free_tlb - generic code is not asked"""
    pgtable_free(table, shift)
