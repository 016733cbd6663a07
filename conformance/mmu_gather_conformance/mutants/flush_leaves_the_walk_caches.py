# SPDX-License-Identifier: GPL-2.0-only
"""The control's flush drops the translations on every CPU, and leaves what the walk caches hold of the tables."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import _tlbil_pid, smp_call_function
from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "walk.hardware-never-a-freed-table"
#: a case in which it does
SHOWS_IN: Final = "hardware-pmd-table-two-users/ipi"
#: the architectures that it changes
ARCHS: Final = ["ipi"]


def do_flush(info: object, /) -> None:
    """do_flush - of two kinds of entries, one"""
    assert isinstance(info, int)
    _tlbil_pid(info)


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - every CPU is interrupted all the same"""
    smp_call_function(do_flush, tlb.mm.context_id, 1)
    _tlbil_pid(tlb.mm.context_id)
