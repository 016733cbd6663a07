# SPDX-License-Identifier: GPL-2.0-only
"""Before the seed: the arch's tlb_flush() does not submit the batch of tables."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.linked import flush_tlb_mm
from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "gather.holds-nothing-after-finish"
#: a case in which it does
SHOWS_IN: Final = "one-table/nohash"
#: the architectures that it changes
ARCHS: Final = ["nohash"]
#: the era whose reference it changes
ERA: Final = "rfc-2010-base"


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - without pte_free_finish"""
    flush_tlb_mm(tlb.mm)
