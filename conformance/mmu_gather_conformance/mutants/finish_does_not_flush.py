# SPDX-License-Identifier: GPL-2.0-only
"""The end of a gather only gives the page of slots back."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_spec.kernel import free_pages
from mmu_gather_spec.layout import Elements

#: the rule that catches it
BREAKS: Final = "gather.holds-nothing-after-finish"
#: a case in which it does
SHOWS_IN: Final = "batch-full-and-one/hash64/small"


def tlb_finish_mmu(tlb: mmu_gather, start: int, end: int, /) -> None:
    """tlb_finish_mmu - without the last flush"""
    if isinstance(tlb.pages, Elements):
        free_pages(tlb.pages.address, 0)
