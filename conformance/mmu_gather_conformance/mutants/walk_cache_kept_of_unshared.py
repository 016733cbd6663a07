# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: arm64 drops the walk cache where tables were freed, and not where they were left."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import flush_tlb_bcast
from mmu_gather_spec.kernel_later import flush_tlb_range_bcast
from mmu_gather_spec.words import ranged_gather

#: the rule that catches it
BREAKS: Final = "walk.never-a-reused-table"
#: a case in which it does
SHOWS_IN: Final = "unshare-hardware/arm64"
#: the architectures that it changes
ARCHS: Final = ["arm64"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_flush(tlb: ranged_gather, /) -> None:
    """tlb_flush - last_level does not look at unshared_tables"""
    last_level = not tlb.freed_tables

    if tlb.fullmm:
        if not last_level:
            flush_tlb_bcast(tlb.mm.context_id)
        return

    flush_tlb_range_bcast(tlb.mm.context_id, tlb.start, tlb.end, int(last_level))
