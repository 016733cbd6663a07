# SPDX-License-Identifier: GPL-2.0-only
"""A negative shift BUGs, as it did before the seed."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import BUG_ON, CONFIG_SMP
from mmu_gather_spec.linked import MAX_PGTABLE_INDEX_SIZE, pgtable_free, tlb_remove_table
from mmu_gather_spec.words import mmu_gather, pgf_p, shift_t, table_p, unsigned_long

#: the architectures that it changes
ARCHS: Final = ["hash32", "hash64", "nohash"]


def pgtable_free_tlb(tlb: mmu_gather, table: table_p, shift: shift_t, /) -> None:
    """pgtable_free_tlb - with an unsigned comparison"""
    if not CONFIG_SMP():
        pgtable_free(table, shift)
        return
    BUG_ON(not 0 <= unsigned_long(shift) <= MAX_PGTABLE_INDEX_SIZE(), "shift > MAX_PGTABLE_INDEX_SIZE")
    tlb_remove_table(tlb, pgf_p(unsigned_long(table) | unsigned_long(shift)))
