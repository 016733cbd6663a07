# SPDX-License-Identifier: GPL-2.0-only
"""With less than two users the control flushes its own CPU only, as if no other could have the mm."""

from __future__ import annotations

from typing import Final

from mmu_gather_arch.ipi import do_flush
from mmu_gather_spec.kernel import atomic_read, flush_tlb_cpu, smp_call_function
from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "walk.never-a-freed-table"
#: a case in which it does
SHOWS_IN: Final = "aio-below-two-users/ipi"
#: the architectures that it changes
ARCHS: Final = ["ipi"]


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - mm_users says whether others are told"""
    context = tlb.mm.context_id
    if atomic_read(tlb.mm.mm_users) > 1:
        smp_call_function(do_flush, context, 1)
    flush_tlb_cpu(context)
