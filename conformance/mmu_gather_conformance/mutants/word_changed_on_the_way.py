# SPDX-License-Identifier: GPL-2.0-only
"""Generic code clears the low bits of the word that it passes on."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.memory import tlb_remove_table_smp_sync
from mmu_gather_spec.kernel import smp_call_function
from mmu_gather_spec.linked import __tlb_remove_table
from mmu_gather_spec.words import pgf_p, unsigned_long

#: the rule that catches it
BREAKS: Final = "encoding.opaque-to-generic"
#: a case in which it does
SHOWS_IN: Final = "mixed-levels/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64", "nohash"]


def tlb_remove_table_one(table: pgf_p, /) -> None:
    """tlb_remove_table_one - the shift is lost"""
    smp_call_function(tlb_remove_table_smp_sync, None, 1)
    __tlb_remove_table(pgf_p(unsigned_long(table) & ~0xF))
