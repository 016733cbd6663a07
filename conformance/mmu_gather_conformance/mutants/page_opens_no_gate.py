# SPDX-License-Identifier: GPL-2.0-only
"""A page that is given does not say that there is something to flush."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.asm_generic_tlb import mmu_gather, tlb_fast_mode
from mmu_gather_spec.kernel import free_page_and_swap_cache
from mmu_gather_spec.linked import tlb_flush_mmu
from mmu_gather_spec.words import page_p

#: the rule that catches it
BREAKS: Final = "order.gate-open-when-dirty"
#: a case in which it does
SHOWS_IN: Final = "page-by-itself/hash64"


def tlb_remove_page(tlb: mmu_gather, page: page_p, /) -> None:
    """tlb_remove_page - need_flush is left as it is"""
    if tlb_fast_mode(tlb):
        free_page_and_swap_cache(page)
        return
    tlb.pages[tlb.nr] = page
    tlb.nr += 1
    if tlb.nr >= tlb.max:
        tlb_flush_mmu(tlb, 0, 0)
