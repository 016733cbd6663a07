# SPDX-License-Identifier: GPL-2.0-only
"""The destructor runs for whatever is queued with shift 0: also for a table that its arch gives directly."""

from __future__ import annotations

from typing import Final

from mmu_gather_arch import pgalloc, pgalloc_up
from mmu_gather_spec.kernel import CONFIG_SMP, page_address, pgtable_page_dtor
from mmu_gather_spec.linked import pgtable_free_tlb as linked_pgtable_free_tlb
from mmu_gather_spec.linked import tlb_flush_pgtable
from mmu_gather_spec.words import mmu_gather, page_p, shift_t, table_p, unsigned_long

#: the rule that catches it
BREAKS: Final = "separation.destructor-after-wait"
#: a case in which it does
SHOWS_IN: Final = "shift-zero/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64", "nohash"]


def pgtable_free_tlb(tlb: mmu_gather, table: table_p, shift: shift_t, /) -> None:
    """pgtable_free_tlb - the lock goes before the table is queued"""
    if unsigned_long(shift) == 0:
        pgtable_page_dtor(page_p(unsigned_long(table)))
    (pgalloc if CONFIG_SMP() else pgalloc_up).pgtable_free_tlb(tlb, table, shift)


def __pte_free_tlb(tlb: mmu_gather, ptepage: page_p, address: int, /) -> None:
    """__pte_free_tlb - leaves the lock to pgtable_free_tlb()"""
    tlb_flush_pgtable(tlb, address)
    linked_pgtable_free_tlb(tlb, page_address(ptepage), shift_t(0))
