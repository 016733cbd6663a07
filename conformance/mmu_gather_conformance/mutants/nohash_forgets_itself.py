# SPDX-License-Identifier: GPL-2.0-only
"""nohash tells the other CPUs and forgets its own TLB."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import _tlbil_pid, mm_cpumask, smp_call_function_many
from mmu_gather_spec.words import mm_struct

#: the rule that catches it
BREAKS: Final = "arch.no-entries-after-flush"
#: a case in which it does
SHOWS_IN: Final = "one-page/nohash/up"
#: the architectures that it changes
ARCHS: Final = ["nohash"]


def do_flush_tlb_mm_ipi(param: object, /) -> None:
    """do_flush_tlb_mm_ipi - as it was"""
    assert isinstance(param, int)
    _tlbil_pid(param)


def flush_tlb_mm(mm: mm_struct, /) -> None:
    """flush_tlb_mm - without a flush of its own"""
    smp_call_function_many(mm_cpumask(mm), do_flush_tlb_mm_ipi, mm.context_id, 1)
