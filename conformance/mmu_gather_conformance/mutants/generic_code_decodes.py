# SPDX-License-Identifier: GPL-2.0-only
"""Generic code takes table and shift apart by itself, as if every arch were powerpc."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.memory import tlb_remove_table_smp_sync
from mmu_gather_spec.kernel import smp_call_function
from mmu_gather_spec.linked import pgtable_free
from mmu_gather_spec.words import pgf_p, shift_t, table_p, unsigned_long

#: the rule that catches it
BREAKS: Final = "encoding.opaque-to-generic"
#: a case in which it does
SHOWS_IN: Final = "flush-between/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64", "nohash"]


def tlb_remove_table_one(table: pgf_p, /) -> None:
    """tlb_remove_table_one - without asking the arch"""
    smp_call_function(tlb_remove_table_smp_sync, None, 1)
    pgtable_free(table_p(unsigned_long(table) & ~0xF), shift_t(unsigned_long(table) & 0xF))
