# SPDX-License-Identifier: GPL-2.0-only
"""hash64 lets an entry wait in the hash batch though lazy mode is off."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import get_cpu_var_ppc64_tlb_batch, put_cpu_var_ppc64_tlb_batch
from mmu_gather_spec.linked import __flush_tlb_pending
from mmu_gather_spec.percpu import PPC64_TLB_BATCH_NR
from mmu_gather_spec.words import mm_struct, pte_t

#: the rule that catches it
BREAKS: Final = "arch.hash64-waits-in-lazy-mode"
#: a case in which it does
SHOWS_IN: Final = "no-lazy-mode/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64"]


def hpte_need_flush(mm: mm_struct, address: int, ptep: pte_t, huge: int, /) -> None:
    """hpte_need_flush - whether the mode is on is not asked"""
    batch = get_cpu_var_ppc64_tlb_batch()
    if batch.index != 0 and mm is not batch.mm:
        __flush_tlb_pending(batch)
    if batch.index == 0:
        batch.mm = mm
    batch.vaddr.append(address)
    batch.index += 1
    if batch.index >= PPC64_TLB_BATCH_NR:
        __flush_tlb_pending(batch)
    put_cpu_var_ppc64_tlb_batch()
