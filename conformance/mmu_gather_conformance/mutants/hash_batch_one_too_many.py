# SPDX-License-Identifier: GPL-2.0-only
"""hash64 looks whether its hash batch is full before it counts the new entry, and so takes one too many."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import (
    flush_hash_page,
    get_cpu_var_ppc64_tlb_batch,
    mm_cpumask,
    put_cpu_var_ppc64_tlb_batch,
    smp_processor_id,
)
from mmu_gather_spec.linked import __flush_tlb_pending
from mmu_gather_spec.percpu import PPC64_TLB_BATCH_NR
from mmu_gather_spec.words import mm_struct, pte_t

#: the rule that catches it
BREAKS: Final = "arch.hash64-batch-fits"
#: a case in which it does
SHOWS_IN: Final = "hash-batch-full/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64"]


def hpte_need_flush(mm: mm_struct, address: int, ptep: pte_t, huge: int, /) -> None:
    """hpte_need_flush - the bound is one too high"""
    batch = get_cpu_var_ppc64_tlb_batch()
    if not batch.active:
        flush_hash_page(mm.context_id, address, int(mm_cpumask(mm) == {smp_processor_id()}))
        put_cpu_var_ppc64_tlb_batch()
        return
    if batch.index != 0 and mm is not batch.mm:
        __flush_tlb_pending(batch)
    if batch.index == 0:
        batch.mm = mm
    batch.vaddr.append(address)
    batch.index += 1
    if batch.index > PPC64_TLB_BATCH_NR:
        __flush_tlb_pending(batch)
    put_cpu_var_ppc64_tlb_batch()
