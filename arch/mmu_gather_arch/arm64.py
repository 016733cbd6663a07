# SPDX-License-Identifier: GPL-2.0-only
"""arch/arm64/include/asm/tlb.h: TLBI by broadcast, the walk cache where tables were freed, little for a whole mm.

Nobody is interrupted, so walkers have to be waited for.  When the whole address space goes its ASID goes with it, and
is not given to another before the TLB is flushed; so leaf entries may stay.  The walk cache may not, as it leads to
tables.  That the ASID waits is the ASID allocator's doing, and not seen here; that nobody runs with it any more is the
caller's word, and a rule of the caller's (gather.whole-mm-unused).  Read in Debian's 6.1.192 and 6.12.117; unverified
for v5.7 and v7.0.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import flush_tlb_bcast
from mmu_gather_spec.kernel_later import flush_tlb_range_bcast
from mmu_gather_spec.words import mmu_gather, pte_t, ranged_gather


def tlb_flush(tlb: ranged_gather, /) -> None:
    """tlb_flush - the range; of a whole mm only the walk cache, where it has to go"""
    last_level = not tlb.freed_tables

    if tlb.fullmm:
        if not last_level:
            flush_tlb_bcast(tlb.mm.context_id)
        return

    flush_tlb_range_bcast(tlb.mm.context_id, tlb.start, tlb.end, int(last_level))


def __tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None:
    """__tlb_remove_tlb_entry - nothing: tlb_flush() takes the range"""
