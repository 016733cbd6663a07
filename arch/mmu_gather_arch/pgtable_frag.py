# SPDX-License-Identifier: GPL-2.0-only
"""arch/powerpc/mm/pgtable-frag.c: a PTE table is a fragment of a page, and takes its lock down when the page goes.

Several tables share a page, and the last of them to be freed frees it; in the model each has a page to itself.  What
matters is the order: the destructor runs where the table is freed at last, behind the grace period, and not where it
is queued.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import free_page, pgtable_page_dtor
from mmu_gather_spec.words import page_p, table_p, unsigned_long


def pte_fragment_free(table: table_p, kernel: int, /) -> None:
    """pte_fragment_free - give a PTE table back; the kernel's own have no lock"""
    if not kernel:
        pgtable_page_dtor(page_p(unsigned_long(table)))
    free_page(unsigned_long(table))
