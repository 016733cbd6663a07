# SPDX-License-Identifier: GPL-2.0-only
"""arch/powerpc/mm/tlb-radix.c of v4.19: the walk cache is dropped with the flush, which may come too late.

A table that is freed asks for a complete flush by `need_flush_all`, and no invalidation precedes the hand-over of a
full batch or the free of a single table: powerpc did not ask for one (HAVE_RCU_TABLE_INVALIDATE).  On hash that is
harmless.  Here it is S3 and S5, until v5.7.  Not read in that release.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import flush_tlb_bcast
from mmu_gather_spec.kernel_later import flush_tlb_range_bcast
from mmu_gather_spec.linked import pgtable_free_tlb
from mmu_gather_spec.pgtable_index import PgtableIndex
from mmu_gather_spec.words import mmu_gather, pgtable_t, pte_t, ranged_gather, shift_t, table_p, unsigned_long


def tlb_flush(tlb: ranged_gather, /) -> None:
    """tlb_flush - radix__tlb_flush(): the range, and the walk cache where that was asked for"""
    if tlb.fullmm:
        flush_tlb_bcast(tlb.mm.context_id)
    else:
        flush_tlb_range_bcast(tlb.mm.context_id, tlb.start, tlb.end, int(not tlb.need_flush_all))
    tlb.need_flush_all = 0


def tlb_flush_pgtable(tlb: ranged_gather, address: int, /) -> None:
    """tlb_flush_pgtable - radix__flush_tlb_pwc(): the walk cache has to go, with the next flush"""
    tlb.need_flush_all = 1


def __pte_free_tlb(tlb: ranged_gather, table: pgtable_t, address: int, /) -> None:
    """__pte_free_tlb - a PTE table asks for the walk cache to go"""
    tlb_flush_pgtable(tlb, address)
    pgtable_free_tlb(tlb, table_p(unsigned_long(table)), shift_t(PgtableIndex.PTE_INDEX))


def __pmd_free_tlb(tlb: ranged_gather, pmdp: table_p, address: int, /) -> None:
    """__pmd_free_tlb - an upper table does, too"""
    tlb_flush_pgtable(tlb, address)
    pgtable_free_tlb(tlb, pmdp, shift_t(PgtableIndex.PMD_INDEX))


def __tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None:
    """__tlb_remove_tlb_entry - nothing: tlb_flush() takes the range"""
