# SPDX-License-Identifier: GPL-2.0-only
"""radix, v6.12: walk caches are dropped by a second flush inside the first."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec import linked
from mmu_gather_spec.kernel_later import flush_tlb_range_bcast
from mmu_gather_spec.words import ranged_gather

#: the rule that catches it
BREAKS: Final = "order.flush-does-not-recurse"
#: a case in which it does
SHOWS_IN: Final = "one-table/radix"
#: the architectures that it changes
ARCHS: Final = ["radix"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_flush(tlb: ranged_gather, /) -> None:
    """tlb_flush - calls itself where a table was freed"""
    flush_tlb_range_bcast(tlb.mm.context_id, tlb.start, tlb.end, int(not tlb.freed_tables))
    if tlb.freed_tables:
        tlb.freed_tables = 0
        linked.tlb_flush(tlb)
