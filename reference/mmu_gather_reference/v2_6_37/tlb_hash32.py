# SPDX-License-Identifier: GPL-2.0-only
"""arch/powerpc/mm/tlb_hash32.c of 2.6.37: tlb_flush() invalidates, and submits the batch of tables.

Only this function differs from the arch room's hash32; the rest of that file is linked as it is.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import Hash, _tlbia
from mmu_gather_spec.linked import pte_free_finish
from mmu_gather_spec.words import mmu_gather


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - invalidate, then push the batch of tables out"""
    if not Hash():
        _tlbia()

    pte_free_finish(tlb)
