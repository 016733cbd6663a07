# SPDX-License-Identifier: GPL-2.0-only
"""arch/powerpc/mm/pgtable-book3s64.c of v4.19, the branch without CONFIG_SMP: tables are freed at once.

It lies over pgtable_book3s64.py.  As in pgalloc_up.py the generic half is not asked.
"""

from __future__ import annotations

from mmu_gather_spec.linked import pgtable_free
from mmu_gather_spec.words import mmu_gather, shift_t, table_p


def pgtable_free_tlb(tlb: mmu_gather, table: table_p, index: shift_t, /) -> None:
    """pgtable_free_tlb - free a table now; an index that no freer is for BUGs in pgtable_free()"""
    pgtable_free(table, index)
