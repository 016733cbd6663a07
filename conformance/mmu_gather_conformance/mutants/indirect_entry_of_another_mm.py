# SPDX-License-Identifier: GPL-2.0-only
"""Book3E drops the entry above a PTE table in the wrong address space."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import _tlbivax_bcast
from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "arch.indirect-entry-first"
#: a case in which it does
SHOWS_IN: Final = "whole-mm/nohash"
#: the architectures that it changes
ARCHS: Final = ["nohash"]


def tlb_flush_pgtable(tlb: mmu_gather, address: int, /) -> None:
    """tlb_flush_pgtable - another context"""
    _tlbivax_bcast(address, tlb.mm.context_id + 1, 1)
