# SPDX-License-Identifier: GPL-2.0-only
"""No page of slots is asked for; eight slots and more flushes do."""

from __future__ import annotations

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather


def __tlb_alloc_pages(tlb: mmu_gather, /) -> None:
    """__tlb_alloc_pages - the gather's own slots will do"""
