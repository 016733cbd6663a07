# SPDX-License-Identifier: GPL-2.0-only
"""struct mmu_gather_batch and its bounds, from include/asm-generic/tlb.h of 7.0.

Pages to free wait in a chain of batches.  The first is part of the gather itself and has MMU_GATHER_BUNDLE slots; the
others are a page each, and may not be had.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from mmu_gather_spec.kernel import BITS_PER_LONG, PAGE_SIZE
from mmu_gather_spec.layout import FlexibleArray, Link, Struct, UnsignedInt, sizeof
from mmu_gather_spec.words import encoded_page_p, unsigned_long

#: ARRAY_SIZE(tlb->__pages): slots on the caller's stack, for when no page can be had.
MMU_GATHER_BUNDLE: Final = 8


class mmu_gather_batch(Struct):
    """struct mmu_gather_batch - a page full of slots, in a chain"""

    __slots__ = ()

    next = Link()
    nr = UnsignedInt()
    max = UnsignedInt()
    encoded_pages = FlexibleArray(encoded_page_p, unsigned_long)


class local_batch:
    """struct mmu_gather_batch local; struct page *__pages[]: the first of the chain, on the caller's stack"""

    __slots__ = ("encoded_pages", "max", "next", "nr")

    def __init__(self) -> None:
        self.next: mmu_gather_batch | None = None
        self.nr = 0
        self.max = 0
        self.encoded_pages = [encoded_page_p(0)] * MMU_GATHER_BUNDLE


gather_batch: TypeAlias = mmu_gather_batch | local_batch


def MAX_GATHER_BATCH() -> int:
    """MAX_GATHER_BATCH - how many slots fit into one page behind the header"""
    return (PAGE_SIZE() - sizeof(mmu_gather_batch)) // (BITS_PER_LONG() // 8)


def MAX_GATHER_BATCH_COUNT() -> int:
    """MAX_GATHER_BATCH_COUNT - pages of slots in one gather: about ten thousand pages are freed in one go"""
    return 10000 // MAX_GATHER_BATCH()
