# SPDX-License-Identifier: GPL-2.0-only
"""The mask that takes the shift out again is one bit short."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.linked import MAX_PGTABLE_INDEX_SIZE, pgtable_free
from mmu_gather_spec.words import pgf_p, shift_t, table_p, unsigned_long

#: the rule that catches it
BREAKS: Final = "encoding.round-trip"
#: a case in which it does
SHOWS_IN: Final = "every-shift/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64"]


def __tlb_remove_table(_table: pgf_p, /) -> None:
    """__tlb_remove_table - shifts from 8 on leave a bit in the address"""
    mask = MAX_PGTABLE_INDEX_SIZE() >> 1
    pgtable_free(table_p(unsigned_long(_table) & ~mask), shift_t(unsigned_long(_table) & mask))
