# SPDX-License-Identifier: GPL-2.0-only
"""hash64 leaves its hash batch alone if that holds entries of another mm."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import get_cpu_var_ppc64_tlb_batch, put_cpu_var_ppc64_tlb_batch
from mmu_gather_spec.linked import __flush_tlb_pending
from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "arch.hash64-flush"
#: a case in which it does
SHOWS_IN: Final = "no-lazy-mode/hash64/up"
#: the architectures that it changes
ARCHS: Final = ["hash64"]


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - of this mm only"""
    batch = get_cpu_var_ppc64_tlb_batch()
    if batch.index and batch.mm is tlb.mm:
        __flush_tlb_pending(batch)
    put_cpu_var_ppc64_tlb_batch()
