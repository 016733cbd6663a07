# SPDX-License-Identifier: GPL-2.0-only
"""arch/s390/mm/pgalloc.c since v6.12: a PTE table has a page to itself, and nothing is put into the word.

It lies over s390.py.  The destructor of a PTE table runs where it is freed; the model lets that of a PMD table run
there, too.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import free_page, pgtable_page_dtor
from mmu_gather_spec.linked import tlb_remove_table
from mmu_gather_spec.words import page_p, pgf_p, pgtable_t, ranged_gather, unsigned_long


def page_table_free_rcu(tlb: ranged_gather, table: pgtable_t, /) -> None:
    """tlb_remove_ptdesc - queue a PTE table as it is"""
    tlb_remove_table(tlb, pgf_p(unsigned_long(table)))


def __tlb_remove_table(_table: pgf_p, /) -> None:
    """__tlb_remove_table - pagetable_dtor(), and give the page back"""
    pgtable_page_dtor(page_p(unsigned_long(_table)))
    free_page(unsigned_long(_table))
