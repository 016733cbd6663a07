# SPDX-License-Identifier: GPL-2.0-only
"""hash64 empties its hash batch and drops nothing from the hash table."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.percpu import ppc64_tlb_batch

#: the rule that catches it
BREAKS: Final = "arch.hash64-batch-drops"
#: a case in which it does
SHOWS_IN: Final = "one-page/hash64/up"
#: the architectures that it changes
ARCHS: Final = ["hash64"]


def __flush_tlb_pending(batch: ppc64_tlb_batch, /) -> None:
    """__flush_tlb_pending - only the count goes"""
    batch.index = 0
    batch.vaddr.clear()
