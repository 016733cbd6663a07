# SPDX-License-Identifier: GPL-2.0-only
"""Where hardware reads the Linux tables, the flush reaches this CPU and not the walk caches of the others."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import flush_tlb_cpu
from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "walk.hardware-never-a-freed-table"
#: a case in which it does
SHOWS_IN: Final = "hardware-other-cpu/hardware-walker"
ARCHS: Final = ["hardware-walker"]


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - the broadcast is not sent"""
    flush_tlb_cpu(tlb.mm.context_id)
