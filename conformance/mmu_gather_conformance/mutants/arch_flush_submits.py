# SPDX-License-Identifier: GPL-2.0-only
"""The arch submits the batch of tables from its tlb_flush(), as before the seed."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import Hash, _tlbia
from mmu_gather_spec.linked import tlb_table_flush
from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "order.arch-flush-only-invalidates"
#: a case in which it does
SHOWS_IN: Final = "flush-between/hash32"
#: the architectures that it changes
ARCHS: Final = ["hash32"]


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - invalidates, and pushes the batch out"""
    if not Hash():
        _tlbia()
    tlb_table_flush(tlb)
