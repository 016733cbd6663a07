# SPDX-License-Identifier: GPL-2.0-only
"""arch/arm64/include/asm/tlb.h and arch/x86/mm/pgtable.c since v6.14: a table is taken down where it is freed at last.

The destructor has moved into __tlb_remove_table(), behind the grace period.  A ptdesc carries an rcu_head, so that a
single table can wait for a grace period of its own.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import free_page, pgtable_page_dtor
from mmu_gather_spec.linked import tlb_remove_table
from mmu_gather_spec.words import mmu_gather, page_p, pgf_p, pgtable_t, table_p, unsigned_long

#: The word that is queued is a ptdesc and nothing more: !HAVE_ARCH_TLB_REMOVE_TABLE.
CONFIG_PT_RECLAIM: Final = 1


def __tlb_remove_table(_table: pgf_p, /) -> None:
    """__tlb_remove_table - pagetable_dtor(), and give the page back"""
    pgtable_page_dtor(page_p(unsigned_long(_table)))
    free_page(unsigned_long(_table))


def __pte_free_tlb(tlb: mmu_gather, pte: pgtable_t, addr: int, /) -> None:
    """__pte_free_tlb - a PTE table is queued"""
    tlb_remove_table(tlb, pgf_p(unsigned_long(pte)))


def __pmd_free_tlb(tlb: mmu_gather, pmdp: table_p, addr: int, /) -> None:
    """__pmd_free_tlb - a PMD table is queued, too"""
    tlb_remove_table(tlb, pgf_p(unsigned_long(pmdp)))
