# SPDX-License-Identifier: GPL-2.0-only
"""hash32 flushes nothing although there is no hash table."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "arch.hash32-flush"
#: a case in which it does
SHOWS_IN: Final = "one-page/hash32/up-603"
#: the architectures that it changes
ARCHS: Final = ["hash32"]


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - nothing, on a 603, too"""
