# SPDX-License-Identifier: GPL-2.0-only
"""Without SMP every table goes back to the page allocator."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import CONFIG_SMP, free_page
from mmu_gather_spec.linked import tlb_remove_table
from mmu_gather_spec.words import mmu_gather, pgf_p, shift_t, table_p, unsigned_long

#: the rule that catches it
BREAKS: Final = "encoding.zero-is-a-page"
#: a case in which it does
SHOWS_IN: Final = "whole-mm/hash64/up"
#: the architectures that it changes
ARCHS: Final = ["hash64"]


def pgtable_free_tlb(tlb: mmu_gather, table: table_p, shift: shift_t, /) -> None:
    """pgtable_free_tlb - the shift decides nothing on UP"""
    if not CONFIG_SMP():
        free_page(unsigned_long(table))
        return
    tlb_remove_table(tlb, pgf_p(unsigned_long(table) | unsigned_long(shift)))
