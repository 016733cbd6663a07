# SPDX-License-Identifier: GPL-2.0-only
"""hash64 puts an entry beside those of another mm, and flushes all of them as its own."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import flush_hash_page, get_cpu_var_ppc64_tlb_batch, put_cpu_var_ppc64_tlb_batch
from mmu_gather_spec.linked import __flush_tlb_pending
from mmu_gather_spec.percpu import PPC64_TLB_BATCH_NR
from mmu_gather_spec.words import mm_struct, pte_t

#: the rule that catches it
BREAKS: Final = "arch.hash64-batch-drops"
#: a case in which it does
SHOWS_IN: Final = "another-mm-waits/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64"]


def hpte_need_flush(mm: mm_struct, address: int, ptep: pte_t, huge: int, /) -> None:
    """hpte_need_flush - does not look whose entries wait"""
    batch = get_cpu_var_ppc64_tlb_batch()

    if not batch.active:
        flush_hash_page(mm.context_id, address, 0)
        put_cpu_var_ppc64_tlb_batch()
        return

    batch.mm = mm
    batch.psize = 1 if huge else 0
    batch.vaddr.append(address)
    batch.index += 1
    if batch.index >= PPC64_TLB_BATCH_NR:
        __flush_tlb_pending(batch)
    put_cpu_var_ppc64_tlb_batch()
