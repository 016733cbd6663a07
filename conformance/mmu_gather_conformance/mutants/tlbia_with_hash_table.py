# SPDX-License-Identifier: GPL-2.0-only
"""hash32 flushes its whole TLB although there is a hash table."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import _tlbia
from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "arch.hash32-flush"
#: a case in which it does
SHOWS_IN: Final = "one-table/hash32"
#: the architectures that it changes
ARCHS: Final = ["hash32"]


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - always _tlbia"""
    _tlbia()
