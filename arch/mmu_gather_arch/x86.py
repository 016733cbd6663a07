# SPDX-License-Identifier: GPL-2.0-only
"""arch/x86/include/asm/tlb.h under a hypervisor: a flush is a hypercall, and interrupts nobody.

That is why x86 selects the batching (PARAVIRT): on bare metal its flush is an IPI, and serialises with walkers as the
control `ipi` does.  A flush takes the caches of the upper levels along, whatever was unmapped.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import flush_tlb_bcast
from mmu_gather_spec.kernel_later import flush_tlb_range_bcast
from mmu_gather_spec.words import mmu_gather, pte_t, ranged_gather

#: v4.19: tables are invalidated before they are submitted or freed.
CONFIG_HAVE_RCU_TABLE_INVALIDATE: Final = 1


def tlb_flush(tlb: ranged_gather, /) -> None:
    """tlb_flush - the range, or everything"""
    if tlb.fullmm or tlb.need_flush_all:
        flush_tlb_bcast(tlb.mm.context_id)
    else:
        flush_tlb_range_bcast(tlb.mm.context_id, tlb.start, tlb.end, 0)


def __tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None:
    """__tlb_remove_tlb_entry - nothing: tlb_flush() takes the range"""
