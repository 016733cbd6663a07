# SPDX-License-Identifier: GPL-2.0-only
"""arch/sparc/include/asm/pgalloc_64.h and tlb_64.h: bit 0 says that a table is a page; TLBs are loaded by software.

The batching was made for it to be able to have get_user_pages_fast() ("Requested-by" of the seed).  The miss handler
reads the Linux tables, so hardware does not; a cross call drops a translation on every CPU and is taken with interrupts
off, so it waits for no walker.  In the kernel entries wait in a CPU's batch until lazy mode ends; here each is
dropped with its PTE.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import PAGE_SIZE, free_page, kmem_cache_free, pgtable_page_dtor
from mmu_gather_spec.kernel_later import flush_tlb_range_bcast
from mmu_gather_spec.linked import tlb_remove_table
from mmu_gather_spec.words import mmu_gather, page_p, pgf_p, pgtable_t, pte_t, table_p, unsigned_long

#: Where tables other than PTE pages come from: pgtable_cache.
PGTABLE_CACHE = 1


def pgtable_free(table: table_p, is_page: bool, /) -> None:
    """pgtable_free - a PTE page loses its lock and goes back; another table returns to its cache"""
    if is_page:
        pgtable_page_dtor(page_p(unsigned_long(table)))
        free_page(unsigned_long(table))
    else:
        kmem_cache_free(PGTABLE_CACHE, table)


def pgtable_free_tlb(tlb: mmu_gather, table: table_p, is_page: bool, /) -> None:
    """pgtable_free_tlb - encode a table with what it is"""
    pgf = unsigned_long(table)
    if is_page:
        pgf |= 0x1
    tlb_remove_table(tlb, pgf_p(pgf))


def __tlb_remove_table(_table: pgf_p, /) -> None:
    """__tlb_remove_table - take both apart again, and free"""
    table = table_p(unsigned_long(_table) & ~0x1)

    pgtable_free(table, bool(unsigned_long(_table) & 0x1))


def __pte_free_tlb(tlb: mmu_gather, pte: pgtable_t, address: int, /) -> None:
    """__pte_free_tlb - a PTE table is a page"""
    pgtable_free_tlb(tlb, table_p(unsigned_long(pte)), True)


def __pmd_free_tlb(tlb: mmu_gather, pmd: table_p, addr: int, /) -> None:
    """__pmd_free_tlb - a PMD table is none"""
    pgtable_free_tlb(tlb, pmd, False)


def tlb_needs_table_invalidate() -> bool:
    """tlb_needs_table_invalidate - hardware does not read the Linux tables"""
    return False


def __tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None:
    """__tlb_remove_tlb_entry - tlb_batch_add() of set_pte_at(): the TSB's entry and the TLBs' go now"""
    flush_tlb_range_bcast(tlb.mm.context_id, address, address + PAGE_SIZE(), 1)


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - flush_tlb_pending(): nothing waits any more"""
