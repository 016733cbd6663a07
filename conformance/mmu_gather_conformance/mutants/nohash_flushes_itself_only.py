# SPDX-License-Identifier: GPL-2.0-only
"""nohash invalidates on its own CPU and tells nobody."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import _tlbil_pid
from mmu_gather_spec.words import mm_struct

#: the rule that catches it
BREAKS: Final = "arch.no-entries-after-flush"
#: a case in which it does
SHOWS_IN: Final = "flush-between/nohash"
#: the architectures that it changes
ARCHS: Final = ["nohash"]


def flush_tlb_mm(mm: mm_struct, /) -> None:
    """flush_tlb_mm - without the IPI"""
    _tlbil_pid(mm.context_id)
