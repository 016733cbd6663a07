# SPDX-License-Identifier: GPL-2.0-only
"""nohash, UP: a PTE table is freed while the hardware may still be led to it."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "order.up-frees-after-invalidation"
#: a case in which it does
SHOWS_IN: Final = "one-table/nohash/up"
#: the architectures that it changes
ARCHS: Final = ["nohash"]
#: the era whose reference it changes
ERA: Final = "rfc-2010"


def tlb_flush_pgtable(tlb: mmu_gather, address: int, /) -> None:
    """tlb_flush_pgtable - left to a flush that does not do it"""
