# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The contract of rfc-2010-base: what the seed's patch is made against.

The gather is on the caller's stack, and powerpc hangs its batch of tables into it (`struct arch_mmu_gather`).
Generic code knows nothing of tables.

Signatures: read in the seed's removed and context lines; for what those do not show, in the posting of January 2011.
"""

from __future__ import annotations

from typing import Protocol

from mmu_gather_spec.contract.gather import mmu_gather
from mmu_gather_spec.words import (
    mm_struct,
    page_p,
    pte_t,
    signed_int,
    table_p,
    ulong,
    unsigned_int,
    unsigned_shift,
    vm_area_struct,
)


class GenericHalf(Protocol[mmu_gather]):
    """What include/asm-generic/tlb.h and mm/memory.c provide."""

    def tlb_gather_mmu(self, tlb: mmu_gather, mm: mm_struct, full_mm_flush: unsigned_int, /) -> None:
        """tlb_gather_mmu - start a gather

        tlb: the gather, on the caller's stack, with arbitrary content: every field that is
        read later is written here.  mm: the address space.  full_mm_flush: non-zero when
        the whole address space goes away.  Context: process; may allocate without sleeping.
        Source: include/asm-generic/tlb.h.
        """

    def tlb_flush_mmu(self, tlb: mmu_gather, start: ulong, end: ulong, /) -> None:
        """tlb_flush_mmu - invalidate what was unmapped so far, then let go of it

        Does nothing if nothing was unmapped since the last flush.  Otherwise in this order:
        tlb_flush(), free the batch of pages.  start, end: user addresses, in bytes; unused by this
        version.  Context: process, IRQs on.
        Source: include/asm-generic/tlb.h.
        """

    def tlb_finish_mmu(self, tlb: mmu_gather, start: ulong, end: ulong, /) -> None:
        """tlb_finish_mmu - end a gather

        Flushes as tlb_flush_mmu() does.  On return the gather holds no page, no table and
        no batch; tables may still wait for their grace period.  Context: process, IRQs on.
        Source: include/asm-generic/tlb.h.
        """

    def tlb_remove_page(self, tlb: mmu_gather, page: page_p, /) -> None:
        """tlb_remove_page - free a page of user data after its translations are gone

        page: unmapped by the caller.  May flush at once, when no slot is left.
        Context: process, IRQs on; a flush under the PTE lock is possible here.
        Source: include/asm-generic/tlb.h.
        """

    def pte_free_tlb(self, tlb: mmu_gather, ptepage: page_p, address: ulong, /) -> None:
        """pte_free_tlb - what a caller writes to free a PTE table

        ptepage: the page behind the table, unlinked.  address: the user address it mapped, in
        bytes.  Opens the gate, then __pte_free_tlb().  Source: include/asm-generic/tlb.h.
        """

    def pmd_free_tlb(self, tlb: mmu_gather, pmdp: table_p, address: ulong, /) -> None:
        """pmd_free_tlb - what a caller writes to free a PMD table

        pmdp: the table, unlinked.  Opens the gate, then __pmd_free_tlb().
        Source: include/asm-generic/tlb.h.
        """

    def tlb_remove_tlb_entry(self, tlb: mmu_gather, ptep: pte_t, address: ulong, /) -> None:
        """tlb_remove_tlb_entry - note that one translation went away

        ptep: the entry, cleared but for _PAGE_HASHPTE.  Opens the gate, then
        __tlb_remove_tlb_entry().  Source: include/asm-generic/tlb.h.
        """


class ArchHalf(Protocol[mmu_gather]):
    """What an arch's asm/tlb.h, asm/pgalloc.h and TLB files provide."""

    @property
    def MAX_PGTABLE_INDEX_SIZE(self) -> int:
        """MAX_PGTABLE_INDEX_SIZE - the largest shift, also the mask of the bits that hold it

        One less than a power of two; 0 where every table is a page.
        Source: arch/powerpc/include/asm/pgalloc-{32,64}.h.
        """
        ...

    def tlb_flush(self, tlb: mmu_gather, /) -> None:
        """tlb_flush - invalidate all that this gather unmapped so far

        Ends with the submission of powerpc's batch of tables.
        Context: process.  Source: arch/powerpc/mm/tlb_*.c.
        """

    def pgtable_free_tlb(self, tlb: mmu_gather, table: table_p, shift: unsigned_shift, /) -> None:
        """pgtable_free_tlb - queue a table with its shift

        table: aligned so that the mask's bits are clear.  shift: its index size in bits, 0 for a PTE
        page.  BUGs if a table that is queued has a shift above MAX_PGTABLE_INDEX_SIZE.
        Context: process, IRQs on.  Source: arch/powerpc/mm/pgtable.c.
        """

    def __pte_free_tlb(self, tlb: mmu_gather, ptepage: page_p, address: ulong, /) -> None:
        """__pte_free_tlb - the arch's part of freeing a PTE table

        Where hardware reads the entry above a PTE table, it is invalidated before the table
        is queued.  Context: process, IRQs on.  Source: arch/powerpc/include/asm/pgalloc.h.
        """

    def __pmd_free_tlb(self, tlb: mmu_gather, pmdp: table_p, address: ulong, /) -> None:
        """__pmd_free_tlb - the arch's part of freeing a PMD table

        Does nothing where the PMD is folded.  Context: process, IRQs on.
        Source: arch/powerpc/include/asm/pgalloc-{32,64}.h.
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
        Source: arch/powerpc/mm/tlb_hash64.c.
        """

    def arch_enter_lazy_mmu_mode(self) -> None:
        """arch_enter_lazy_mmu_mode - from here on hash flushes may wait

        Context: PTE lock held, so preemption is off.
        Source: arch/powerpc/include/asm/tlbflush.h.
        """

    def arch_leave_lazy_mmu_mode(self) -> None:
        """arch_leave_lazy_mmu_mode - flush what waits, and let nothing wait any more

        Context: as for enter.
        Source: arch/powerpc/include/asm/tlbflush.h.
        """


class OtherCallers(Protocol[mmu_gather]):
    """What other callers ask for.  A port need not bring it; what it brings looks so."""

    def pud_free_tlb(self, tlb: mmu_gather, pudp: table_p, address: ulong, /) -> None:
        """pud_free_tlb - what a caller writes to free a PUD table

        pudp: the table, unlinked.  Source: include/asm-generic/tlb.h.
        """

    def tlb_start_vma(self, tlb: mmu_gather, vma: vm_area_struct, /) -> None:
        """tlb_start_vma - what a caller writes before it unmaps a mapping

        vma: the mapping.  Source: arch/powerpc/include/asm/tlb.h.
        """

    def tlb_end_vma(self, tlb: mmu_gather, vma: vm_area_struct, /) -> None:
        """tlb_end_vma - what a caller writes after it has unmapped a mapping

        vma: the mapping.  Source: arch/powerpc/include/asm/tlb.h.
        """
