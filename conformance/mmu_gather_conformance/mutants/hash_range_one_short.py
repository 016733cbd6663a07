# SPDX-License-Identifier: GPL-2.0-only
"""hash64 drops all entries of its hash batch but the last."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import flush_hash_range
from mmu_gather_spec.percpu import ppc64_tlb_batch

#: the rule that catches it
BREAKS: Final = "arch.hash64-batch-drops"
#: a case in which it does
SHOWS_IN: Final = "one-page/hash64/up"
#: the architectures that it changes
ARCHS: Final = ["hash64"]


def __flush_tlb_pending(batch: ppc64_tlb_batch, /) -> None:
    """__flush_tlb_pending - one entry is not dropped"""
    flush_hash_range(batch, batch.index - 1, 0)
    batch.index = 0
    batch.vaddr.clear()
