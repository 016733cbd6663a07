# SPDX-License-Identifier: GPL-2.0-only
"""arch/arm64/include/asm/tlb.h since shared PMD tables are left through a gather: the walk cache goes then, too.

A table that is left is not freed, and the way to it is in the walk cache all the same.  A generic half of the
release itself, v6.1 or v6.12, leaves none, and has no word of them.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import flush_tlb_bcast
from mmu_gather_spec.words import ranged_gather

from mmu_gather_arch.arm64 import __flush_tlb_range, tlb_get_unmap_size


def tlb_flush(tlb: ranged_gather, /) -> None:
    """tlb_flush - the range; of a whole mm only the walk cache, where it has to go"""
    last_level = not (tlb.freed_tables or getattr(tlb, "unshared_tables", 0))

    if tlb.fullmm:
        if not last_level:
            flush_tlb_bcast(tlb.mm.context_id)
        return

    __flush_tlb_range(tlb, tlb_get_unmap_size(tlb), last_level)
