# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: the flush for a shared table that was left is put off to tlb_finish_mmu()."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather
from mmu_gather_spec.linked_later import tlb_remove_table_sync_one

#: the rule that catches it
BREAKS: Final = "order.unshared-flushed-in-time"
#: a case in which it does
SHOWS_IN: Final = "table-unshared/arm64"
#: the architectures that it changes
ARCHS: Final = ["arm64"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_flush_unshared_tables(tlb: mmu_gather, /) -> None:
    """tlb_flush_unshared_tables - waits where it has to, and flushes nothing"""
    if tlb.fully_unshared_tables:
        tlb_remove_table_sync_one()
        tlb.fully_unshared_tables = 0
