# SPDX-License-Identifier: GPL-2.0-only
"""v6.12: below two users a table is freed at once again."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v6_12 import mmu_gather as mm_mmu_gather_c
from mmu_gather_reference.v6_12.asm_generic_tlb import mmu_gather
from mmu_gather_spec.kernel import atomic_read
from mmu_gather_spec.linked import __tlb_remove_table
from mmu_gather_spec.words import pgf_p

#: the rule that catches it
BREAKS: Final = "separation.no-shortcut"
#: a case in which it does
SHOWS_IN: Final = "users-come-and-go/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_remove_table(tlb: mmu_gather, table: pgf_p, /) -> None:
    """tlb_remove_table - as before v4.19"""
    if atomic_read(tlb.mm.mm_users) < 2:
        __tlb_remove_table(table)
        return
    mm_mmu_gather_c.tlb_remove_table(tlb, table)
