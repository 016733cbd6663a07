# SPDX-License-Identifier: GPL-2.0-only
"""arch/powerpc/mm/tlb_nohash.c of 2.6.37: tlb_flush() invalidates, and submits the batch of tables.

Only this function differs from the arch room's nohash; the rest of that file is linked as it is.
"""

from __future__ import annotations

from mmu_gather_spec.linked import flush_tlb_mm, pte_free_finish
from mmu_gather_spec.words import mmu_gather


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - invalidate, then push the batch of tables out"""
    flush_tlb_mm(tlb.mm)

    pte_free_finish(tlb)
