# SPDX-License-Identifier: GPL-2.0-only
"""The second control, as an arch of 2.6.37 would have written it: tlb_flush() submits the batch, too.

Only this function differs from the arch room's hardware_walker; the rest of that file is linked as it is.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import flush_tlb_bcast
from mmu_gather_spec.linked import pte_free_finish
from mmu_gather_spec.words import mmu_gather


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - invalidate, then push the batch of tables out"""
    flush_tlb_bcast(tlb.mm.context_id)

    pte_free_finish(tlb)
