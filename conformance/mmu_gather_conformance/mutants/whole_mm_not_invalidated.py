# SPDX-License-Identifier: GPL-2.0-only
"""Where hardware reads the Linux tables, a gather of the whole mm does not invalidate, as if nobody ran it any more."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather
from mmu_gather_spec.kernel import flush_tlb_bcast

#: the rule that catches it
BREAKS: Final = "walk.hardware-never-a-freed-table"
#: a case in which it does
SHOWS_IN: Final = "hardware-exit-mmap-two-users/hardware-walker"
#: the architectures that it changes
ARCHS: Final = ["hardware-walker"]


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - the address space's id will not be used again before everything is flushed"""
    if not tlb.fullmm:
        flush_tlb_bcast(tlb.mm.context_id)
