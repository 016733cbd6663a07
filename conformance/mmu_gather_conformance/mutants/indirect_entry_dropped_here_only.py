# SPDX-License-Identifier: GPL-2.0-only
"""Book3E drops the entry above a PTE table on its own CPU and tells nobody."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import flush_tlb_cpu
from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "arch.indirect-entry-first"
#: a case in which it does
SHOWS_IN: Final = "flush-between/nohash"
#: the architectures that it changes
ARCHS: Final = ["nohash"]


def tlb_flush_pgtable(tlb: mmu_gather, address: int, /) -> None:
    """tlb_flush_pgtable - local instead of broadcast"""
    flush_tlb_cpu(tlb.mm.context_id)
