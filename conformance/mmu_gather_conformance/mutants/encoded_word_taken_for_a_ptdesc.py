# SPDX-License-Identifier: GPL-2.0-only
"""v7.0: powerpc's single table waits by the rcu_head of its ptdesc, though a shift is in the word."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v7_0.mmu_gather import __tlb_remove_table_one_rcu
from mmu_gather_spec.kernel import call_rcu
from mmu_gather_spec.words import pgf_p, pt_rcu_head

#: the rule that catches it
BREAKS: Final = "encoding.opaque-to-generic"
#: a case in which it does
SHOWS_IN: Final = "no-memory-at-all/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64", "radix"]
#: the era whose reference it changes
ERA: Final = "v7.0"


def __tlb_remove_table_one(table: pgf_p, /) -> None:
    """__tlb_remove_table_one - whatever HAVE_ARCH_TLB_REMOVE_TABLE says"""
    call_rcu(pt_rcu_head(table), __tlb_remove_table_one_rcu)
