# SPDX-License-Identifier: GPL-2.0-only
"""sparc64 flushes its batch when it has held one entry too many."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel_archs import (
    flush_tsb_user_page,
    get_cpu_var_tlb_batch,
    put_cpu_var_tlb_batch,
    smp_flush_tlb_page,
)
from mmu_gather_spec.linked_later import flush_tlb_pending
from mmu_gather_spec.percpu import TLB_BATCH_NR
from mmu_gather_spec.words import mm_struct

#: the rule that catches it
BREAKS: Final = "arch.sparc64-batch-fits"
#: a case in which it does
SHOWS_IN: Final = "hash-batch-full/sparc64"
#: the architectures that it changes
ARCHS: Final = ["sparc64"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_batch_add_one(mm: mm_struct, vaddr: int, hugepage_shift: int, /) -> None:
    """tlb_batch_add_one - more than TLB_BATCH_NR"""
    tb = get_cpu_var_tlb_batch()
    if tb.tlb_nr != 0 and (mm is not tb.mm or tb.hugepage_shift != hugepage_shift):
        flush_tlb_pending()
    if not tb.active:
        flush_tsb_user_page(mm, vaddr, hugepage_shift)
        smp_flush_tlb_page(mm, vaddr)
        put_cpu_var_tlb_batch()
        return
    tb.mm = mm
    tb.hugepage_shift = hugepage_shift
    tb.vaddrs.append(vaddr)
    tb.tlb_nr += 1
    if tb.tlb_nr > TLB_BATCH_NR:
        flush_tlb_pending()
    put_cpu_var_tlb_batch()
