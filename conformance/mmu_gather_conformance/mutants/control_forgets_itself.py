# SPDX-License-Identifier: GPL-2.0-only
"""The control's flush is done on every CPU but its own, which may go on in what it has cached."""

from __future__ import annotations

from typing import Final

from mmu_gather_arch.ipi import do_flush
from mmu_gather_spec.kernel import smp_call_function
from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "walk.hardware-never-a-freed-table"
#: a case in which it does
SHOWS_IN: Final = "hardware-own-cpu/ipi"
#: the architectures that it changes
ARCHS: Final = ["ipi"]


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - the others are interrupted, and that is all"""
    smp_call_function(do_flush, tlb.mm.context_id, 1)
