# SPDX-License-Identifier: GPL-2.0-only
"""A shift out of range is cut down instead of being a bug."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import CONFIG_SMP
from mmu_gather_spec.linked import MAX_PGTABLE_INDEX_SIZE, pgtable_free, tlb_remove_table
from mmu_gather_spec.words import mmu_gather, pgf_p, shift_t, table_p, unsigned_long

#: the rule that catches it
BREAKS: Final = "encoding.shift-in-range"
#: a case in which it does
SHOWS_IN: Final = "shift-too-large/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64"]


def pgtable_free_tlb(tlb: mmu_gather, table: table_p, shift: shift_t, /) -> None:
    """pgtable_free_tlb - without BUG_ON"""
    if not CONFIG_SMP():
        pgtable_free(table, shift)
        return
    tlb_remove_table(tlb, pgf_p(unsigned_long(table) | (unsigned_long(shift) & MAX_PGTABLE_INDEX_SIZE())))
