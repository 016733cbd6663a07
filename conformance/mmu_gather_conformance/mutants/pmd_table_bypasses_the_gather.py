# SPDX-License-Identifier: GPL-2.0-only
"""A PMD table goes back to the page allocator directly, and the gather hears nothing of it."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import free_page_and_swap_cache
from mmu_gather_spec.words import mmu_gather, page_p, table_p, unsigned_long

#: the rule that catches it
BREAKS: Final = "walk.hardware-never-a-freed-table"
#: a case in which it does
SHOWS_IN: Final = "hardware-pmd-table-two-users/ipi"
#: the architectures that it changes
ARCHS: Final = ["ipi"]


def __pmd_free_tlb(tlb: mmu_gather, pmdp: table_p, address: int, /) -> None:
    """__pmd_free_tlb - freed before the flush"""
    free_page_and_swap_cache(page_p(unsigned_long(pmdp)))
