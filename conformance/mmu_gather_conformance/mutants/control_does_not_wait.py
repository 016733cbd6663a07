# SPDX-License-Identifier: GPL-2.0-only
"""The control flushes by IPI and does not wait for the others."""

from __future__ import annotations

from typing import Final

from mmu_gather_arch.ipi import do_flush
from mmu_gather_spec.kernel import flush_tlb_cpu, smp_call_function
from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "arch.no-entries-after-flush"
#: a case in which it does
SHOWS_IN: Final = "flush-between/ipi"
#: the architectures that it changes
ARCHS: Final = ["ipi"]


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - wait is 0"""
    smp_call_function(do_flush, tlb.mm.context_id, 0)
    flush_tlb_cpu(tlb.mm.context_id)
