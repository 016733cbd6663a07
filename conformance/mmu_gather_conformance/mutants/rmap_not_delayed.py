# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: no rmap waits for the flush, as on one CPU none has to."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather

#: the rule that catches it
BREAKS: Final = "walk.no-access-to-a-page-taken-back"
#: a case in which it does
SHOWS_IN: Final = "taken-for-clean/nohash"
#: the architectures that it changes
ARCHS: Final = ["nohash"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_delay_rmap(tlb: mmu_gather, /) -> bool:
    """tlb_delay_rmap - CONFIG_SMP is not asked for"""
    return False
