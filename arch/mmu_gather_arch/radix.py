# SPDX-License-Identifier: GPL-2.0-only
"""arch/powerpc/mm/book3s64/radix_tlb.c since v5.7: hardware reads the Linux tables, and is told by broadcast.

tlbie reaches every CPU and interrupts none, so walkers have to be waited for.  The process walk cache is dropped with
the translations where a table was freed, and kept where only entries went.  Tables are encoded as on hash64, in
pgtable_book3s64.py.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import flush_tlb_bcast
from mmu_gather_spec.kernel_later import flush_tlb_range_bcast
from mmu_gather_spec.words import mmu_gather, pte_t, ranged_gather

#: Entries of one page size are flushed together.
CONFIG_MMU_GATHER_PAGE_SIZE: Final = 1
#: A range may grow over several VMAs.
CONFIG_MMU_GATHER_MERGE_VMAS: Final = 1


def radix_enabled() -> bool:
    """radix_enabled - on this machine"""
    return True


def tlb_needs_table_invalidate() -> bool:
    """tlb_needs_table_invalidate - hardware reads the Linux tables"""
    return radix_enabled()


def tlb_flush(tlb: ranged_gather, /) -> None:
    """tlb_flush - radix__tlb_flush(): the range, and the walk cache where a table was freed"""
    if tlb.fullmm or tlb.need_flush_all:
        flush_tlb_bcast(tlb.mm.context_id)
    else:
        flush_tlb_range_bcast(tlb.mm.context_id, tlb.start, tlb.end, int(not tlb.freed_tables))


def __tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None:
    """__tlb_remove_tlb_entry - nothing: tlb_flush() takes the range"""
