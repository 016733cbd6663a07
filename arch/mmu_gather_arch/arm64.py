# SPDX-License-Identifier: GPL-2.0-only
"""arch/arm64/include/asm/tlb.h: TLBI by broadcast, the walk cache where tables were freed, little for a whole mm.

Nobody is interrupted, so walkers have to be waited for.  When the whole address space goes its ASID goes with it, and
is not given to another before the TLB is flushed; so leaf entries may stay.  The walk cache may not, as it leads to
tables.  That the ASID waits is the ASID allocator's doing, and not seen here; that nobody runs with it any more is the
caller's word, and a rule of the caller's (gather.whole-mm-unused).  Read in Debian's 6.1.192 and 6.12.117; unverified
for v5.7 and v7.0.

A TLBI drops what is at one address, so a range takes one for each entry: as far apart as entries of the lowest level
that was cleared are.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import PAGE_SIZE, flush_tlb_bcast
from mmu_gather_spec.kernel_later import flush_tlb_range_bcast
from mmu_gather_spec.levels import PMD_SIZE, PUD_SIZE
from mmu_gather_spec.words import mmu_gather, pte_t, ranged_gather


def MAX_DVM_OPS() -> int:
    """MAX_DVM_OPS - with so many TLBIs or more all of the ASID goes: as many as a table has entries.

    It was called MAX_TLBI_OPS.
    """
    return PAGE_SIZE() // 8


def tlb_get_unmap_size(tlb: ranged_gather, /) -> int:
    """tlb_get_unmap_size - how far apart the entries are that were cleared; of asm-generic/tlb.h"""
    if tlb.cleared_ptes:
        return PAGE_SIZE()
    if tlb.cleared_pmds:
        return PMD_SIZE()
    return PUD_SIZE() if tlb.cleared_puds else PAGE_SIZE()


def __flush_tlb_range(tlb: ranged_gather, stride: int, last_level: bool, /) -> None:
    """__flush_tlb_range - a TLBI for each entry; where they are pages, all of the range in one event"""
    context = tlb.mm.context_id
    if stride == PAGE_SIZE():
        flush_tlb_range_bcast(context, tlb.start, tlb.end, int(last_level))
    elif tlb.end - tlb.start >= MAX_DVM_OPS() * stride:
        flush_tlb_bcast(context)
    else:
        for address in range(tlb.start, tlb.end, stride):
            flush_tlb_range_bcast(context, address, address + PAGE_SIZE(), int(last_level))


def tlb_flush(tlb: ranged_gather, /) -> None:
    """tlb_flush - the range; of a whole mm only the walk cache, where it has to go"""
    last_level = not tlb.freed_tables

    if tlb.fullmm:
        if not last_level:
            flush_tlb_bcast(tlb.mm.context_id)
        return

    __flush_tlb_range(tlb, tlb_get_unmap_size(tlb), last_level)


def __tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None:
    """__tlb_remove_tlb_entry - nothing: tlb_flush() takes the range"""
