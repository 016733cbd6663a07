# SPDX-License-Identifier: GPL-2.0-only
"""The control by IPI: its flush is sent to the others, and nobody waits for it."""

from __future__ import annotations

from typing import Final

from mmu_gather_arch.ipi import do_flush
from mmu_gather_spec.kernel import flush_tlb_cpu, preempt_disable, preempt_enable, smp_call_function
from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "separation.flush-reaches-every-walker"
#: a case in which it does
SHOWS_IN: Final = "one-table/ipi"
#: the architectures that it changes
ARCHS: Final = ["ipi"]
#: the era whose reference it changes
ERA: Final = "rfc-2010"


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - wait=0"""
    context = tlb.mm.context_id
    preempt_disable()
    smp_call_function(do_flush, context, 0)
    flush_tlb_cpu(context)
    preempt_enable()
