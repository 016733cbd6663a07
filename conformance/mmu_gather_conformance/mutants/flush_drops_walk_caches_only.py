# SPDX-License-Identifier: GPL-2.0-only
"""Where hardware reads the Linux tables, the flush drops the entries above them and forgets the translations."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import _tlbivax_bcast
from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "walk.no-access-to-a-freed-page"
#: a case in which it does
SHOWS_IN: Final = "access/hardware-walker"
ARCHS: Final = ["hardware-walker"]


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - of two broadcasts, one"""
    _tlbivax_bcast(0x1000, tlb.mm.context_id, 1)
