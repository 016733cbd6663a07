# SPDX-License-Identifier: GPL-2.0-only
"""Book3E keeps the entry above a PTE table until the flush, which drops it with the translations."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import flush_tlb_bcast
from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "arch.indirect-entry-first"
#: a case in which it does
SHOWS_IN: Final = "flush-between/nohash"
#: the architectures that it changes
ARCHS: Final = ["nohash"]


def tlb_flush_pgtable(tlb: mmu_gather, address: int, /) -> None:
    """tlb_flush_pgtable - nothing: tlb_flush() will see to it"""


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - translations and walk caches, on every CPU"""
    flush_tlb_bcast(tlb.mm.context_id)
