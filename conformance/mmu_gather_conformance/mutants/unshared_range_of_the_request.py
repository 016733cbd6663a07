# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: of a shared table that was left one huge page is flushed, and not all that the table maps."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather, tlb_flush_pmd_range
from mmu_gather_spec.kernel_later import ptdesc_pmd_is_shared, ptdesc_pmd_pts_dec
from mmu_gather_spec.levels import PMD_SIZE
from mmu_gather_spec.words import ptdesc_p

#: the rule that catches it
BREAKS: Final = "order.unshared-flushed-in-time"
#: a case in which it does
SHOWS_IN: Final = "table-unshared/arm64"
#: the architectures that it changes
ARCHS: Final = ["arm64"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_unshare_pmd_ptdesc(tlb: mmu_gather, pt: ptdesc_p, addr: int, /) -> None:
    """tlb_unshare_pmd_ptdesc - notes what was asked for"""
    ptdesc_pmd_pts_dec(pt)

    tlb_flush_pmd_range(tlb, addr & ~(PMD_SIZE() - 1), PMD_SIZE())

    if not ptdesc_pmd_is_shared(pt):
        tlb.fully_unshared_tables = 1
    tlb.unshared_tables = 1
