# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The contract of v6.12: a page may wait for its rmap, pages come in runs, and a table is a ptdesc.

tlb_gather_mmu_vma() and what unshares PMD tables are not in this release; the stable series took them over later (they
were seen in 6.12.117).  So a port may bring them, and need not.

Signatures: read in Debian's linux-source-6.12 (6.12.117).
"""

from __future__ import annotations

from typing import Protocol

from mmu_gather_spec.contract.gather import mmu_gather
from mmu_gather_spec.words import (
    mm_struct,
    nr_pages_t,
    page_p,
    pgf_p,
    pgtable_t,
    ptdesc_p,
    pte_t,
    shift_t,
    signed_int,
    table_p,
    ulong,
    unsigned_int,
    vm_area_struct,
)


class GenericHalf(Protocol[mmu_gather]):
    """What include/asm-generic/tlb.h and mm/mmu_gather.c provide."""

    def tlb_gather_mmu(self, tlb: mmu_gather, mm: mm_struct, /) -> None:
        """tlb_gather_mmu - start a gather

        tlb: the gather, on the caller's stack, with arbitrary content: every field that is
        read later is written here.  mm: the address space.
        Context: process; does not allocate.
        Source: mm/mmu_gather.c.
        """

    def tlb_gather_mmu_fullmm(self, tlb: mmu_gather, mm: mm_struct, /) -> None:
        """tlb_gather_mmu_fullmm - start a gather of a whole address space

        tlb, mm: as for tlb_gather_mmu(); nobody uses the address space any more.
        Context: process; does not allocate.
        Source: mm/mmu_gather.c.
        """

    def tlb_flush_mmu(self, tlb: mmu_gather, /) -> None:
        """tlb_flush_mmu - invalidate what was unmapped so far, then let go of it

        In this order: tlb_flush() if anything was unmapped since the last one, submit the batch of
        tables, free the batches of pages.  Context: process, IRQs on.
        Source: mm/mmu_gather.c.
        """

    def tlb_flush_mmu_tlbonly(self, tlb: mmu_gather, /) -> None:
        """tlb_flush_mmu_tlbonly - invalidate what was unmapped so far, and free nothing

        Does nothing if nothing was unmapped since the last flush.
        Context: process, IRQs on; the PTE lock may be held.
        Source: include/asm-generic/tlb.h.
        """

    def tlb_finish_mmu(self, tlb: mmu_gather, /) -> None:
        """tlb_finish_mmu - end a gather

        Flushes as tlb_flush_mmu() does.  On return the gather holds no page, no table and
        no batch; tables may still wait for their grace period.  Context: process, IRQs on.
        Source: mm/mmu_gather.c.
        """

    def tlb_remove_page(self, tlb: mmu_gather, page: page_p, /) -> None:
        """tlb_remove_page - free a page of user data after its translations are gone

        page: unmapped by the caller.  Flushes when no slot is left.
        Context: process, IRQs on.
        Source: include/asm-generic/tlb.h.
        """

    def tlb_remove_page_size(self, tlb: mmu_gather, page: page_p, page_size: signed_int, /) -> None:
        """tlb_remove_page_size - as tlb_remove_page(), for a page of any size

        page_size: in bytes.  Context: process, IRQs on.
        Source: include/asm-generic/tlb.h.
        """

    def __tlb_remove_page(self, tlb: mmu_gather, page: page_p, delay_rmap: bool, /) -> bool:
        """__tlb_remove_page - queue a page, and leave the flush to the caller

        page: unmapped by the caller.  delay_rmap: its rmap goes at tlb_flush_rmaps().
        Returns whether the caller has to flush before the next page.
        Context: process; the PTE lock may be held.
        Source: include/asm-generic/tlb.h.
        """
        ...

    def __tlb_remove_page_size(self, tlb: mmu_gather, page: page_p, delay_rmap: bool, page_size: signed_int, /) -> bool:
        """__tlb_remove_page_size - as __tlb_remove_page(), for a page of any size

        page_size: in bytes.  Returns whether the caller has to flush before the next page.
        Context: process; the PTE lock may be held.
        Source: mm/mmu_gather.c.
        """
        ...

    def __tlb_remove_folio_pages(
        self, tlb: mmu_gather, page: page_p, nr_pages: nr_pages_t, delay_rmap: bool, /
    ) -> bool:
        """__tlb_remove_folio_pages - as __tlb_remove_page(), for a run of pages of one folio

        page: the first of them.  nr_pages: how many.  delay_rmap: as for __tlb_remove_page().
        Returns whether the caller has to flush before the next page.
        Context: process; the PTE lock may be held.
        Source: mm/mmu_gather.c.
        """
        ...

    def tlb_remove_table(self, tlb: mmu_gather, table: pgf_p, /) -> None:
        """tlb_remove_table - free a page table that lockless walkers may still read

        table: as the arch encoded it; opaque here.  The caller has unlinked it.  Queues it
        for RCU; frees it after an IPI to all CPUs if no batch can be had.
        Context: process, IRQs on, since it may broadcast and wait.
        Source: mm/mmu_gather.c.
        """

    def tlb_remove_ptdesc(self, tlb: mmu_gather, pt: pgf_p, /) -> None:
        """tlb_remove_ptdesc - as tlb_remove_table(), for who has a ptdesc

        pt: a `struct ptdesc *`, passed as `void *`.  Context: as for tlb_remove_table().
        Source: include/asm-generic/tlb.h.
        """

    def tlb_remove_table_sync_one(self) -> None:
        """tlb_remove_table_sync_one - wait until no walker that had IRQs off is in the middle of a walk

        Not a grace period: it holds for walkers with IRQs off, and for no others.
        Context: process, IRQs on, since it broadcasts and waits.
        Source: mm/mmu_gather.c.
        """

    def pte_free_tlb(self, tlb: mmu_gather, ptep: pgtable_t, address: ulong, /) -> None:
        """pte_free_tlb - what a caller writes to free a PTE table

        ptep: the table as its arch holds it, unlinked.  address: the user address it mapped, in
        bytes.  Notes the range and that a table goes, then __pte_free_tlb().
        Source: include/asm-generic/tlb.h.
        """

    def pmd_free_tlb(self, tlb: mmu_gather, pmdp: table_p, address: ulong, /) -> None:
        """pmd_free_tlb - what a caller writes to free a PMD table

        pmdp: the table, unlinked.  Notes the range and that a table goes, then __pmd_free_tlb().
        Source: include/asm-generic/tlb.h.
        """

    def tlb_remove_tlb_entry(self, tlb: mmu_gather, ptep: pte_t, address: ulong, /) -> None:
        """tlb_remove_tlb_entry - note that one translation went away

        ptep: the entry, cleared but for _PAGE_HASHPTE.  Notes the range, then
        __tlb_remove_tlb_entry().  Source: include/asm-generic/tlb.h.
        """


class ArchHalf(Protocol[mmu_gather]):
    """What an arch's asm/tlb.h, asm/pgalloc.h and TLB files provide."""

    @property
    def MAX_PGTABLE_INDEX_SIZE(self) -> int:
        """MAX_PGTABLE_INDEX_SIZE - the largest shift, also the mask of the bits that hold it

        One less than a power of two; 0 where every table is a page.
        Source: arch/powerpc/include/asm/pgalloc.h.
        """
        ...

    def tlb_flush(self, tlb: mmu_gather, /) -> None:
        """tlb_flush - invalidate all that this gather unmapped so far

        Only invalidates: submitting and freeing are the generic half's.
        Context: process.
        Source: arch/powerpc/include/asm/book3s/{32,64}/tlbflush.h, arch/powerpc/mm/nohash/tlb.c.
        """

    def tlb_needs_table_invalidate(self) -> bool:
        """tlb_needs_table_invalidate - whether a table must not be handed on before an invalidate

        False where the hardware does not use the Linux tables; the generic half then leaves the
        invalidate out.  Source: arch/powerpc/include/asm/tlb.h.
        """
        ...

    def __tlb_remove_table(self, _table: pgf_p, /) -> None:
        """__tlb_remove_table - free one table at last

        _table: as it was passed to tlb_remove_table().  Needs nothing but its argument, since
        the gather and the mm may be gone.  Context: any, softirq included.
        Source: arch/powerpc/include/asm/{book3s/32,book3s/64,nohash}/pgalloc.h.
        """

    def pgtable_free_tlb(self, tlb: mmu_gather, table: table_p, shift: shift_t, /) -> None:
        """pgtable_free_tlb - encode a table with its shift and pass it on

        table: aligned so that the mask's bits are clear.  shift: its index size in bits, or its
        kind (`enum pgtable_index`), 0 for a PTE table.  BUGs if shift exceeds MAX_PGTABLE_INDEX_SIZE.
        Context: process, IRQs on.
        Source: arch/powerpc/include/asm/{book3s/32,book3s/64,nohash}/pgalloc.h.
        """

    def __pte_free_tlb(self, tlb: mmu_gather, table: pgtable_t, address: ulong, /) -> None:
        """__pte_free_tlb - the arch's part of freeing a PTE table

        Where hardware reads the entry above a PTE table, it is invalidated before the table
        is queued.  Context: process, IRQs on.
        Source: arch/powerpc/include/asm/{book3s/32,book3s/64,nohash}/pgalloc.h.
        """

    def __pmd_free_tlb(self, tlb: mmu_gather, pmdp: table_p, address: ulong, /) -> None:
        """__pmd_free_tlb - the arch's part of freeing a PMD table

        Does nothing where the PMD is folded.  Context: process, IRQs on.
        Source: arch/powerpc/include/asm/{book3s/32,book3s/64,nohash}/pgalloc.h.
        """

    def __tlb_remove_tlb_entry(self, tlb: mmu_gather, ptep: pte_t, address: ulong, /) -> None:
        """__tlb_remove_tlb_entry - the arch's part of dropping one translation

        hash32: flushes the hash entry now, while the PTE table is there to read.
        Context: process, PTE lock held.  Source: arch/powerpc/include/asm/tlb.h.
        """


class TracksHash(Protocol):
    """What hash64's half has besides: its pending hash flushes."""

    def hpte_need_flush(self, mm: mm_struct, address: ulong, ptep: pte_t, huge: signed_int, /) -> None:
        """hpte_need_flush - an entry with a copy in the hash table was changed

        Adds it to this CPU's batch in lazy mode; flushes it at once otherwise.
        address: user address in bytes.  The kernel passes the entry's old value beside ptep; here
        ptep still has what is asked of it.  Context: PTE lock held.
        Source: arch/powerpc/mm/book3s64/hash_tlb.c.
        """

    def arch_enter_lazy_mmu_mode(self) -> None:
        """arch_enter_lazy_mmu_mode - from here on hash flushes may wait

        Context: PTE lock held, so preemption is off.
        Source: arch/powerpc/include/asm/book3s/64/tlbflush-hash.h.
        """

    def arch_leave_lazy_mmu_mode(self) -> None:
        """arch_leave_lazy_mmu_mode - flush what waits, and let nothing wait any more

        Context: as for enter.
        Source: arch/powerpc/include/asm/book3s/64/tlbflush-hash.h.
        """


class OtherCallers(Protocol[mmu_gather]):
    """What other callers ask for.  A port need not bring it; what it brings looks so."""

    def pud_free_tlb(self, tlb: mmu_gather, pudp: table_p, address: ulong, /) -> None:
        """pud_free_tlb - what a caller writes to free a PUD table

        pudp: the table, unlinked.  Source: include/asm-generic/tlb.h.
        """

    def p4d_free_tlb(self, tlb: mmu_gather, p4dp: table_p, address: ulong, /) -> None:
        """p4d_free_tlb - what a caller writes to free a P4D table

        p4dp: the table, unlinked.  Source: include/asm-generic/tlb.h.
        """

    def tlb_start_vma(self, tlb: mmu_gather, vma: vm_area_struct, /) -> None:
        """tlb_start_vma - what a caller writes before it unmaps a mapping

        vma: the mapping.  Source: include/asm-generic/tlb.h.
        """

    def tlb_end_vma(self, tlb: mmu_gather, vma: vm_area_struct, /) -> None:
        """tlb_end_vma - what a caller writes after it has unmapped a mapping

        vma: the mapping.  Source: include/asm-generic/tlb.h.
        """

    def __tlb_adjust_range(self, tlb: mmu_gather, address: ulong, range_size: unsigned_int, /) -> None:
        """__tlb_adjust_range - widen the range of a gather

        address: the first user address, range_size: how many, in bytes.  For an arch that writes its own
        pte_free_tlb(), as s390 does.  Source: include/asm-generic/tlb.h.
        """

    def tlb_change_page_size(self, tlb: mmu_gather, page_size: unsigned_int, /) -> None:
        """tlb_change_page_size - from here on entries of this size go away

        page_size: in bytes.  Source: include/asm-generic/tlb.h.
        """

    def tlb_remove_tlb_entries(self, tlb: mmu_gather, ptep: pte_t, nr: nr_pages_t, address: ulong, /) -> None:
        """tlb_remove_tlb_entries - as tlb_remove_tlb_entry(), for a run of entries

        ptep: the first of them.  nr: how many.  Source: include/asm-generic/tlb.h.
        """

    def tlb_delay_rmap(self, tlb: mmu_gather, /) -> bool:
        """tlb_delay_rmap - ask whether the rmap of a page may wait until the TLB is flushed

        Noted in the gather; tlb_flush_rmaps() is then due.  False on UP.  A macro.
        Source: include/asm-generic/tlb.h.
        """
        ...

    def tlb_flush_rmaps(self, tlb: mmu_gather, vma: vm_area_struct, /) -> None:
        """tlb_flush_rmaps - let go of the rmaps that were delayed

        Context: the TLB was flushed, the PTE lock is held.  Source: mm/mmu_gather.c.
        """

    def tlb_remove_page_ptdesc(self, tlb: mmu_gather, pt: ptdesc_p, /) -> None:
        """tlb_remove_page_ptdesc - free a table as a page

        For architectures whose flush waits for every walker.  Source: include/asm-generic/tlb.h.
        """

    def tlb_gather_mmu_vma(self, tlb: mmu_gather, vma: vm_area_struct, /) -> None:
        """tlb_gather_mmu_vma - start a gather of one mapping

        vma: the only one that will be unmapped; its mm is the address space.
        Context: process; does not allocate.
        Source: mm/mmu_gather.c (6.12.117).
        """

    def tlb_unshare_pmd_ptdesc(self, tlb: mmu_gather, pt: ptdesc_p, addr: ulong, /) -> None:
        """tlb_unshare_pmd_ptdesc - note that a shared PMD table of huge pages was left

        pt: the table.  addr: a user address that it mapped, in bytes.
        Notes the range of the whole table, PUD_SIZE, and whether nobody shares it any more.
        Context: the table's lock, and i_mmap_rwsem for writing, are held.
        Source: include/asm-generic/tlb.h (6.12.117).
        """

    def tlb_flush_unshared_tables(self, tlb: mmu_gather, /) -> None:
        """tlb_flush_unshared_tables - flush, and wait for walkers, before the lock that prevents reuse is dropped

        Context: process, IRQs on, i_mmap_rwsem is held for writing.
        Source: include/asm-generic/tlb.h (6.12.117).
        """
