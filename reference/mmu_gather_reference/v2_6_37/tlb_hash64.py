# SPDX-License-Identifier: GPL-2.0-only
"""arch/powerpc/mm/tlb_hash64.c of 2.6.37: tlb_flush() invalidates, and submits the batch of tables.

Only this function differs from the arch room's hash64; the rest of that file is linked as it is.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import get_cpu_var_ppc64_tlb_batch, put_cpu_var_ppc64_tlb_batch
from mmu_gather_spec.linked import __flush_tlb_pending, pte_free_finish
from mmu_gather_spec.words import mmu_gather


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - invalidate, then push the batch of tables out"""
    batch = get_cpu_var_ppc64_tlb_batch()
    if batch.index:
        __flush_tlb_pending(batch)
    put_cpu_var_ppc64_tlb_batch()

    pte_free_finish(tlb)
