# SPDX-License-Identifier: GPL-2.0-only
"""hash64 does not look at its hash batch when it flushes."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "arch.hash64-flush"
#: a case in which it does
SHOWS_IN: Final = "one-table/hash64/up"
#: the architectures that it changes
ARCHS: Final = ["hash64"]


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - nothing"""
