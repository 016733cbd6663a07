# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The kernel API as a typed contract: what a port provides, function by function.

A port is a module, or several, of functions with exactly these names.  It may bring the
generic half, the arch half, or both; the suite links a missing half from the reference,
as the C linker would.  Parameters are positional-only, so a port names its own.

The two halves are Protocols, and a *module* satisfies them.  A class should not try:
Python mangles names such as `__tlb_remove_table` inside a class body, both type checkers
accept what then fails at run time, and so callers of such names are functions of a module.

The C header is generated from this file.  Each docstring is kernel-doc in brief: what the
function does, its arguments and their units, the context it may be called from, what makes
it BUG, and its source.  Sources name the file and the seed's line where the seed has it.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Final, Protocol

from mmu_gather_spec.words import (
    mm_struct,
    mmu_gather,
    page_p,
    pgf_p,
    pte_t,
    shift_t,
    signed_int,
    table_p,
    ulong,
    unsigned_int,
)


class GenericHalf(Protocol):
    """What include/asm-generic/tlb.h and mm/memory.c provide at the seed."""

    def tlb_gather_mmu(self, tlb: mmu_gather, mm: mm_struct, full_mm_flush: unsigned_int, /) -> None:
        """tlb_gather_mmu - start a gather

        tlb: the gather, on the caller's stack, with arbitrary content: every field that is
        read later is written here.  mm: the address space.  full_mm_flush: non-zero when
        the whole address space goes away.  Context: process; may allocate without sleeping.
        Source: include/asm-generic/tlb.h, seed lines 325-334.
        """

    def tlb_flush_mmu(self, tlb: mmu_gather, start: ulong, end: ulong, /) -> None:
        """tlb_flush_mmu - invalidate what was unmapped so far, then let go of it

        Does nothing if nothing was unmapped since the last flush.  Otherwise in this order:
        tlb_flush(), submit the batch of tables, free the batch of pages.  start, end: user
        addresses, in bytes; unused by this version.  Context: process, IRQs on.
        Source: include/asm-generic/tlb.h, seed lines 336-345.
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

    def tlb_remove_table(self, tlb: mmu_gather, table: pgf_p, /) -> None:
        """tlb_remove_table - free a page table that lockless walkers may still read

        table: as the arch encoded it; opaque here.  The caller has unlinked it.  Queues it
        for RCU; frees it after an IPI to all CPUs if no batch can be had.
        Context: process, IRQs on, since it may broadcast and wait.
        Source: mm/memory.c, seed lines 401-427.
        """

    def tlb_table_flush(self, tlb: mmu_gather, /) -> None:
        """tlb_table_flush - hand the batch of tables to RCU, if there is one

        Does not invalidate, does not block, may be called twice.
        Source: mm/memory.c, seed lines 391-399.
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


class ArchHalf(Protocol):
    """What an arch's asm/tlb.h, asm/pgalloc.h and tlb_*.c provide at the seed."""

    #: The largest shift that fits into the low bits of a table's address; also the mask.
    MAX_PGTABLE_INDEX_SIZE: int

    def tlb_flush(self, tlb: mmu_gather, /) -> None:
        """tlb_flush - invalidate all that this gather unmapped so far

        Only invalidates: submitting and freeing are the generic half's.
        Context: process.  Source: arch/powerpc/mm/tlb_*.c, seed lines 215-252.
        """

    def __tlb_remove_table(self, _table: pgf_p, /) -> None:
        """__tlb_remove_table - free one table at last

        _table: as it was passed to tlb_remove_table().  Needs nothing but its argument, since
        the gather and the mm may be gone.  Context: any, softirq included.
        Source: arch/powerpc/include/asm/pgalloc.h, seed lines 67-73.
        """

    def pgtable_free_tlb(self, tlb: mmu_gather, table: table_p, shift: shift_t, /) -> None:
        """pgtable_free_tlb - encode a table with its shift and pass it on

        table: aligned so that the mask's bits are clear.  shift: its index size in bits, 0
        for a PTE page.  BUGs if shift exceeds MAX_PGTABLE_INDEX_SIZE.
        Context: process, IRQs on.  Source: arch/powerpc/include/asm/pgalloc.h, seed lines 59-65.
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
        address: user address in bytes.  Context: PTE lock held.
        Source: arch/powerpc/mm/tlb_hash64.c.
        """

    def arch_enter_lazy_mmu_mode(self) -> None:
        """arch_enter_lazy_mmu_mode - from here on hash flushes may wait

        Context: PTE lock held, so preemption is off.
        Source: arch/powerpc/include/asm/tlbflush.h.
        """

    def arch_leave_lazy_mmu_mode(self) -> None:
        """arch_leave_lazy_mmu_mode - flush what waits, and let nothing wait any more

        Context: as for enter.  Source: arch/powerpc/include/asm/tlbflush.h.
        """


GENERIC_HALF: Final[tuple[str, ...]] = (
    "tlb_gather_mmu",
    "tlb_flush_mmu",
    "tlb_finish_mmu",
    "tlb_remove_page",
    "tlb_remove_table",
    "tlb_table_flush",
    "pte_free_tlb",
    "pmd_free_tlb",
    "tlb_remove_tlb_entry",
)

ARCH_HALF: Final[tuple[str, ...]] = (
    "tlb_flush",
    "__tlb_remove_table",
    "pgtable_free_tlb",
    "__pte_free_tlb",
    "__pmd_free_tlb",
    "__tlb_remove_tlb_entry",
)

HASH64_HALF: Final[tuple[str, ...]] = (
    "hpte_need_flush",
    "arch_enter_lazy_mmu_mode",
    "arch_leave_lazy_mmu_mode",
)


def functions() -> dict[str, Callable[..., object]]:
    """The functions of the contract by the kernel's names, which class bodies mangle."""
    found: dict[str, Callable[..., object]] = {}
    for protocol in (GenericHalf, ArchHalf, TracksHash):
        for name, value in vars(protocol).items():
            plain = name.removeprefix(f"_{protocol.__name__}")
            if isinstance(value, FunctionType) and " - " in (value.__doc__ or ""):
                found[plain] = value
    return found
