# SPDX-License-Identifier: GPL-2.0-only
"""On UP Book3E keeps the entry above a PTE table until the flush, and the table is freed before."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import CONFIG_SMP, _tlbivax_bcast
from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "arch.indirect-entry-first"
#: a case in which it does
SHOWS_IN: Final = "one-table/nohash/up"
#: the architectures that it changes
ARCHS: Final = ["nohash"]


def tlb_flush_pgtable(tlb: mmu_gather, address: int, /) -> None:
    """tlb_flush_pgtable - on SMP alone"""
    if CONFIG_SMP():
        _tlbivax_bcast(address, tlb.mm.context_id, 1)
