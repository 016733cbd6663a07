# SPDX-License-Identifier: GPL-2.0-only
"""arch/powerpc/include/asm/pgalloc.h, the branch without CONFIG_SMP: tables are freed at once.

With no other CPU there is no concurrent walk to wait for, so the generic half is not asked.
The macros above have opened the gate; the flush follows the free.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import page_address, pgtable_page_dtor
from mmu_gather_spec.linked import pgtable_free, tlb_flush_pgtable
from mmu_gather_spec.words import mmu_gather, page_p, shift_t, table_p


def pgtable_free_tlb(tlb: mmu_gather, table: table_p, shift: shift_t, /) -> None:
    """pgtable_free_tlb - free a table now; a shift out of range BUGs in pgtable_free()"""
    pgtable_free(table, shift)


def __pte_free_tlb(tlb: mmu_gather, ptepage: page_p, address: int, /) -> None:
    """__pte_free_tlb - as on SMP, but the page goes back at once"""
    tlb_flush_pgtable(tlb, address)
    pgtable_page_dtor(ptepage)
    pgtable_free_tlb(tlb, page_address(ptepage), shift_t(0))
