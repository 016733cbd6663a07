# SPDX-License-Identifier: GPL-2.0-only
"""Clearing an entry does not note that there is something to flush."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.words import mmu_gather, pte_t

#: the rule that catches it
BREAKS: Final = "order.gate-open-when-dirty"
#: a case in which it does
SHOWS_IN: Final = "entry-only/nohash/up"
#: the architectures that it changes
ARCHS: Final = ["nohash", "ipi"]


def tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None:
    """tlb_remove_tlb_entry - nothing is noted and nothing is done"""
