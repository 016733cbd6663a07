# SPDX-License-Identifier: GPL-2.0-only
"""s390: where the mm is attached here alone an entry is marked invalid, and flush_mm is not set."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import PAGE_SIZE
from mmu_gather_spec.kernel_archs import cpu_attach_mask_is_this_cpu
from mmu_gather_spec.kernel_later import flush_tlb_range_bcast
from mmu_gather_spec.words import mm_struct

#: the rule that catches it
BREAKS: Final = "arch.no-entries-after-flush"
#: a case in which it does
SHOWS_IN: Final = "attached-here/s390"
#: the architectures that it changes
ARCHS: Final = ["s390"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def ptep_flush_lazy(mm: mm_struct, addr: int, /) -> None:
    """ptep_flush_lazy - nobody will flush it"""
    if not cpu_attach_mask_is_this_cpu(mm):
        flush_tlb_range_bcast(mm.context_id, addr, addr + PAGE_SIZE(), 1)
