# SPDX-License-Identifier: GPL-2.0-only
"""arch/s390/mm/pgalloc.c until v6.4 or so: PTE tables share a page, and low bits of a word say which of them is meant.

In the model each has a page to itself.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import free_page, pgtable_page_dtor
from mmu_gather_spec.linked import tlb_remove_table
from mmu_gather_spec.words import page_p, pgf_p, pgtable_t, ranged_gather, unsigned_long

#: The bits in which a word says which part of its page is meant; none for a table of an upper level.
FRAGMENTS: Final = 0xF


def page_table_free_rcu(tlb: ranged_gather, table: pgtable_t, /) -> None:
    """page_table_free_rcu - queue a PTE table with its place in its page"""
    tlb_remove_table(tlb, pgf_p(unsigned_long(table) | 0x1))


def __tlb_remove_table(_table: pgf_p, /) -> None:
    """__tlb_remove_table - a part of a page, or a table of an upper level"""
    mask = unsigned_long(_table) & FRAGMENTS
    table = unsigned_long(_table) ^ mask
    if mask:
        pgtable_page_dtor(page_p(table))
    free_page(table)
