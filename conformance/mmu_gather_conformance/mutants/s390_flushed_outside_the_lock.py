# SPDX-License-Identifier: GPL-2.0-only
"""s390: context.lock is given back between clearing flush_mm and flushing."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import flush_tlb_bcast
from mmu_gather_spec.kernel_archs import flush_mm, set_flush_mm, spin_lock_context, spin_unlock_context
from mmu_gather_spec.words import mm_struct

#: the rule that catches it
BREAKS: Final = "arch.s390-flushed-under-the-lock"
#: a case in which it does
SHOWS_IN: Final = "one-table/s390"
#: the architectures that it changes
ARCHS: Final = ["s390"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def __tlb_flush_mm_lazy(mm: mm_struct, /) -> None:
    """__tlb_flush_mm_lazy - another that finds flush_mm clear does not wait for the flush"""
    spin_lock_context(mm)
    due = flush_mm(mm)
    if due:
        set_flush_mm(mm, 0)
    spin_unlock_context(mm)
    if due:
        flush_tlb_bcast(mm.context_id)
