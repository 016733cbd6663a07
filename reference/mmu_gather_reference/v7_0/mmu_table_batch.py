# SPDX-License-Identifier: GPL-2.0-only
"""struct mmu_table_batch and MAX_TABLE_BATCH, from include/asm-generic/tlb.h of 7.0, MMU_GATHER_RCU_TABLE_FREE.

A batch is one page that carries its own rcu_head: submitting it needs no further memory.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import BITS_PER_LONG, PAGE_SIZE
from mmu_gather_spec.layout import FlexibleArray, RcuHead, Struct, UnsignedInt, sizeof
from mmu_gather_spec.words import pgf_p, unsigned_long


class mmu_table_batch(Struct):
    """struct mmu_table_batch - tables that wait for a grace period together"""

    __slots__ = ()

    rcu = RcuHead()
    nr = UnsignedInt()
    tables = FlexibleArray(pgf_p, unsigned_long)


def MAX_TABLE_BATCH() -> int:
    """MAX_TABLE_BATCH - how many tables fit into one page behind the header"""
    return (PAGE_SIZE() - sizeof(mmu_table_batch)) // (BITS_PER_LONG() // 8)
