# SPDX-License-Identifier: GPL-2.0-only
"""The control interrupts only the CPUs that may hold translations, and a walker may be on another."""

from __future__ import annotations

from typing import Final

from mmu_gather_arch.ipi import do_flush
from mmu_gather_spec.kernel import flush_tlb_cpu, mm_cpumask, smp_call_function_many
from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "walk.never-a-freed-table"
#: a case in which it does
SHOWS_IN: Final = "outside-mm-cpumask/ipi"
#: the architectures that it changes
ARCHS: Final = ["ipi"]


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - mm_cpumask, and this CPU"""
    context = tlb.mm.context_id
    smp_call_function_many(mm_cpumask(tlb.mm), do_flush, context, 1)
    flush_tlb_cpu(context)
