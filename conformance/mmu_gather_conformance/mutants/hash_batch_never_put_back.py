# SPDX-License-Identifier: GPL-2.0-only
"""hash64 keeps hold of this CPU's hash batch after its flush."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import get_cpu_var_ppc64_tlb_batch
from mmu_gather_spec.linked import __flush_tlb_pending
from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "gather.keeps-nothing-in-a-cpu"
#: a case in which it does
SHOWS_IN: Final = "one-table/hash64/up"
#: the architectures that it changes
ARCHS: Final = ["hash64"]


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - without put_cpu_var"""
    batch = get_cpu_var_ppc64_tlb_batch()
    if batch.index:
        __flush_tlb_pending(batch)
