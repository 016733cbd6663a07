# SPDX-License-Identifier: GPL-2.0-only
"""hash32 forgets to drop hash entries when it clears a PTE."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.words import mmu_gather, pte_t

#: the rule that catches it
BREAKS: Final = "order.nothing-stale-after-finish"
#: a case in which it does
SHOWS_IN: Final = "one-page/hash32/up"
#: the architectures that it changes
ARCHS: Final = ["hash32"]


def __tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None:
    """__tlb_remove_tlb_entry - nothing"""
