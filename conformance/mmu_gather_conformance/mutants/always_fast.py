# SPDX-License-Identifier: GPL-2.0-only
"""v3.0: pages are freed before the flush, however many CPUs there are."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v3_0.asm_generic_tlb import mmu_gather

#: the rule that catches it
BREAKS: Final = "order.fast-mode-alone"
#: a case in which it does
SHOWS_IN: Final = "one-page/nohash"
#: the architectures that it changes
ARCHS: Final = ["nohash"]
#: the era whose reference it changes
ERA: Final = "v3.0"


def tlb_fast_mode(tlb: mmu_gather, /) -> bool:
    """tlb_fast_mode - always"""
    return True
