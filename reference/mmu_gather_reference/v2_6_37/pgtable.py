# SPDX-License-Identifier: GPL-2.0-only
"""arch/powerpc/mm/pgtable.c and asm/pgalloc.h of 2.6.37, CONFIG_SMP: one batch of tables for each CPU.

Batching is powerpc's own affair here.  The batch may be the CPU's, since a gather has preemption off from its
beginning to its end; and a table is freed at once where this is the only CPU that has run the mm.  A table is encoded
when it is queued, after the early ways out, so a shift out of range goes unnoticed on those.  The count of forced frees
was the only thing that could be observed of the fallback; the seed drops it (S16).
"""

from __future__ import annotations

from mmu_gather_spec.kernel import (
    BITS_PER_LONG,
    BUG_ON,
    GFP_ATOMIC,
    PAGE_SIZE,
    __get_free_page,
    atomic_read,
    call_rcu_sched,
    free_page,
    page_address,
    pgtable_page_dtor,
    smp_call_function,
)
from mmu_gather_spec.kernel_earlier import mm_cpumask_is_this_cpu, per_cpu
from mmu_gather_spec.layout import FlexibleArray, RcuHead, Struct, UnsignedInt, container_of, sizeof
from mmu_gather_spec.linked import MAX_PGTABLE_INDEX_SIZE, pgtable_free, tlb_flush_pgtable
from mmu_gather_spec.words import mmu_gather, page_p, rcu_head_p, shift_t, table_p, unsigned_long


class pte_freelist_batch(Struct):
    """struct pte_freelist_batch - tables that wait for a grace period together"""

    __slots__ = ()

    rcu = RcuHead()
    index = UnsignedInt()
    tables = FlexibleArray(int, int)


class freelist:
    """DEFINE_PER_CPU(struct pte_freelist_batch *, pte_freelist_cur)"""

    __slots__ = ("batch",)

    def __init__(self) -> None:
        self.batch: pte_freelist_batch | None = None


def pte_freelist_cur() -> freelist:
    """__get_cpu_var(pte_freelist_cur); safe, since tlb_gather_mmu() has switched preemption off"""
    return per_cpu("pte_freelist_cur", freelist)


#: How often no batch could be had; never exported, but readable in a debugger.
pte_freelist_forced_free = 0


def PTE_FREELIST_SIZE() -> int:
    """PTE_FREELIST_SIZE - how many tables fit into one page behind the header"""
    return (PAGE_SIZE() - sizeof(pte_freelist_batch)) // (BITS_PER_LONG() // 8)


def pte_free_smp_sync(arg: object, /) -> None:
    """pte_free_smp_sync - nothing to do: that the interrupt arrived is the point"""


def pgtable_free_now(table: table_p, shift: shift_t, /) -> None:
    """pgtable_free_now - out of memory: free one table after every other CPU was interrupted"""
    global pte_freelist_forced_free  # noqa: PLW0603 - it is a static counter in the kernel
    pte_freelist_forced_free += 1

    smp_call_function(pte_free_smp_sync, None, 1)

    pgtable_free(table, shift)


def pte_free_rcu_callback(head: rcu_head_p, /) -> None:
    """pte_free_rcu_callback - the grace period is over: free the tables, then the batch"""
    batch = container_of(head, pte_freelist_batch)

    for i in range(batch.index):
        table = table_p(batch.tables[i] & ~MAX_PGTABLE_INDEX_SIZE())
        shift = shift_t(batch.tables[i] & MAX_PGTABLE_INDEX_SIZE())

        pgtable_free(table, shift)

    free_page(batch.address)


def pte_free_submit(batch: pte_freelist_batch, /) -> None:
    """pte_free_submit - hand a batch to RCU"""
    call_rcu_sched(batch.rcu, pte_free_rcu_callback)


def pgtable_free_tlb(tlb: mmu_gather, table: table_p, shift: shift_t, /) -> None:
    """pgtable_free_tlb - free a table that lockless walkers may still read"""
    batchp = pte_freelist_cur()

    if atomic_read(tlb.mm.mm_users) < 2 or mm_cpumask_is_this_cpu(tlb.mm):
        pgtable_free(table, shift)
        return

    if batchp.batch is None:
        page = __get_free_page(GFP_ATOMIC)
        if page is None:
            pgtable_free_now(table, shift)
            return
        batchp.batch = pte_freelist_batch(page)
        batchp.batch.index = 0
    # The shift is unsigned here, so a negative one is out of range, too.
    BUG_ON(
        not 0 <= unsigned_long(shift) <= MAX_PGTABLE_INDEX_SIZE(),
        "shift > MAX_PGTABLE_INDEX_SIZE",
    )
    batch = batchp.batch
    index = batch.index
    batch.tables[index] = unsigned_long(table) | unsigned_long(shift)
    batch.index = index + 1
    if batch.index == PTE_FREELIST_SIZE():
        pte_free_submit(batch)
        batchp.batch = None


def pte_free_finish(tlb: mmu_gather, /) -> None:
    """pte_free_finish - submit this CPU's batch, if there is one; tlb_flush() ends with this

    The kernel passes nothing; here the gather comes along, as later.
    """
    batchp = pte_freelist_cur()

    if batchp.batch is None:
        return
    pte_free_submit(batchp.batch)
    batchp.batch = None


def __pte_free_tlb(tlb: mmu_gather, ptepage: page_p, address: int, /) -> None:
    """__pte_free_tlb - the PTE page loses its lock, and is queued with shift 0"""
    tlb_flush_pgtable(tlb, address)
    pgtable_page_dtor(ptepage)
    pgtable_free_tlb(tlb, page_address(ptepage), shift_t(0))
