# SPDX-License-Identifier: GPL-2.0-only
"""The page of slots is forgotten when the gather ends."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_spec.linked import tlb_flush_mmu

#: the rule that catches it
BREAKS: Final = "gather.nothing-kept"
#: a case in which it does
SHOWS_IN: Final = "one-page/hash64"


def tlb_finish_mmu(tlb: mmu_gather, start: int, end: int, /) -> None:
    """tlb_finish_mmu - without free_pages"""
    tlb_flush_mmu(tlb, start, end)
