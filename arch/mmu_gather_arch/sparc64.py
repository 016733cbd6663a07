# SPDX-License-Identifier: GPL-2.0-only
"""arch/sparc/mm/tlb.c, asm/pgalloc_64.h and tlb_64.h: flushes wait in a batch of this CPU's until lazy mode ends.

The batching of tables was made for it to be able to have get_user_pages_fast() ("Requested-by" of the seed).  The miss
handler reads the Linux tables and fills the TSB, so hardware does not read them.  A TLB is told of one entry by a cross
call, which is taken with interrupts off, and of several by an IPI to mm_cpumask; neither waits for every walker.
Bit 0 of a word says that a table is a page.

The batch is hash64's in form: outside lazy mode nothing waits, entries of another mm or page size go first, a full
batch goes at once, and tlb_flush() flushes what waits on the CPU that it runs on.  What is dropped from the TSB is not
followed further; the TLBs are.  Read in Debian's 6.1.192 and 6.12.117, which have what came with v6.15 from the stable
series (sparc64_lazy.py); unverified for v4.19, v5.7 and v7.0.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.kernel import (
    free_page,
    kmem_cache_free,
    mm_cpumask,
    pgtable_page_dtor,
    preempt_disable,
    preempt_enable,
    smp_call_function_many,
)
from mmu_gather_spec.kernel_archs import (
    __flush_tlb_pending,
    flush_tsb_user,
    flush_tsb_user_page,
    get_cpu_var_tlb_batch,
    put_cpu_var_tlb_batch,
    smp_flush_tlb_page,
    this_cpu_ptr_tlb_batch,
)
from mmu_gather_spec.linked import tlb_remove_table
from mmu_gather_spec.percpu import TLB_BATCH_NR
from mmu_gather_spec.words import mm_struct, mmu_gather, page_p, pgf_p, pgtable_t, pte_t, table_p, unsigned_long

#: Since v5.19: a range may grow over several VMAs.
CONFIG_MMU_GATHER_MERGE_VMAS: Final = 1
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


class tlb_pending_info(NamedTuple):
    """struct tlb_pending_info: what the other CPUs are told."""

    ctx: int
    nr: int
    vaddrs: tuple[int, ...]


def tlb_pending_func(info: object, /) -> None:
    """tlb_pending_func - runs on each of the other CPUs"""
    assert isinstance(info, tlb_pending_info)
    __flush_tlb_pending(info.ctx, info.nr, info.vaddrs)


def smp_flush_tlb_pending(mm: mm_struct, nr: int, vaddrs: list[int], /) -> None:
    """smp_flush_tlb_pending - several translations, on the CPUs that may hold them and on this one"""
    preempt_disable()
    info = tlb_pending_info(mm.context_id, nr, tuple(vaddrs))
    smp_call_function_many(mm_cpumask(mm), tlb_pending_func, info, 1)
    __flush_tlb_pending(info.ctx, info.nr, info.vaddrs)
    preempt_enable()


def flush_tlb_pending() -> None:
    """flush_tlb_pending - flush all that waits in this CPU's batch: the TSB first, from which TLBs are filled"""
    tb = get_cpu_var_tlb_batch()
    if tb.tlb_nr:
        assert tb.mm is not None
        flush_tsb_user(tb)
        if tb.mm.context_id:
            if tb.tlb_nr == 1:
                smp_flush_tlb_page(tb.mm, tb.vaddrs[0])
            else:
                smp_flush_tlb_pending(tb.mm, tb.tlb_nr, tb.vaddrs)
        tb.tlb_nr = 0
        tb.vaddrs.clear()
    put_cpu_var_tlb_batch()


def arch_enter_lazy_mmu_mode() -> None:
    """arch_enter_lazy_mmu_mode - from here on flushes may wait; the PTE lock keeps the task here"""
    tb = this_cpu_ptr_tlb_batch()
    tb.active = 1


def arch_leave_lazy_mmu_mode() -> None:
    """arch_leave_lazy_mmu_mode - flush what waits, and let nothing wait any more"""
    tb = this_cpu_ptr_tlb_batch()
    if tb.tlb_nr:
        flush_tlb_pending()
    tb.active = 0


def tlb_batch_add_one(mm: mm_struct, vaddr: int, hugepage_shift: int, /) -> None:
    """tlb_batch_add_one - one translation must go: soon in lazy mode, otherwise now"""
    tb = get_cpu_var_tlb_batch()
    if tb.tlb_nr != 0 and mm is not tb.mm:
        flush_tlb_pending()
    if not tb.active:
        flush_tsb_user_page(mm, vaddr, hugepage_shift)
        smp_flush_tlb_page(mm, vaddr)
        put_cpu_var_tlb_batch()
        return
    if tb.tlb_nr == 0:
        tb.mm = mm
        tb.hugepage_shift = hugepage_shift
    if tb.hugepage_shift != hugepage_shift:
        flush_tlb_pending()
        tb.hugepage_shift = hugepage_shift
    tb.vaddrs.append(vaddr)
    tb.tlb_nr += 1
    if tb.tlb_nr >= TLB_BATCH_NR:
        flush_tlb_pending()
    put_cpu_var_tlb_batch()


def tlb_batch_add(mm: mm_struct, vaddr: int, ptep: pte_t, orig: pte_t, fullmm: int, hugepage_shift: int, /) -> None:
    """tlb_batch_add - set_pte_at() has replaced an entry that was valid

    fullmm is 0 even where the whole mm goes: only entries that are not present are cleared with it.
    """
    if not fullmm:
        tlb_batch_add_one(mm, vaddr, hugepage_shift)


def __tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None:
    """__tlb_remove_tlb_entry - nothing: tlb_batch_add() has seen the change already"""


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - flush_tlb_pending(): what waits on this CPU, since the pages are about to be freed"""
    flush_tlb_pending()
