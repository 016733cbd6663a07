# SPDX-License-Identifier: GPL-2.0-only
"""The control flushes by broadcast, and still relies on a flush to wait for walkers."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import flush_tlb_bcast
from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "walk.never-a-freed-table"
#: a case in which it does
SHOWS_IN: Final = "gup-fast/ipi"
#: the architectures that it changes
ARCHS: Final = ["ipi"]


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - every TLB is told, and no CPU is interrupted"""
    flush_tlb_bcast(tlb.mm.context_id)
