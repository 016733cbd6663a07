# SPDX-License-Identifier: GPL-2.0-only
"""v7.0: a PTE page loses its lock once it is queued, and walkers may still be inside."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import free_page, pgtable_page_dtor
from mmu_gather_spec.linked import tlb_remove_table
from mmu_gather_spec.words import mmu_gather, page_p, pgf_p, pgtable_t, unsigned_long

#: the rule that catches it
BREAKS: Final = "walk.never-a-lock-that-is-gone"
#: a case in which it does
SHOWS_IN: Final = "lock-taken/x86"
#: the architectures that it changes
ARCHS: Final = ["x86"]
#: the era whose reference it changes
ERA: Final = "v7.0"


def __tlb_remove_table(_table: pgf_p, /) -> None:
    """__tlb_remove_table - the lock is gone already"""
    free_page(unsigned_long(_table))


def __pte_free_tlb(tlb: mmu_gather, pte: pgtable_t, addr: int, /) -> None:
    """__pte_free_tlb - pagetable_dtor() is the last thing here"""
    tlb_remove_table(tlb, pgf_p(unsigned_long(pte)))
    pgtable_page_dtor(page_p(unsigned_long(pte)))
