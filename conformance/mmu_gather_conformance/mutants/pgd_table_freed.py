# SPDX-License-Identifier: GPL-2.0-only
"""64-bit Book3S: a PGD table is freed like a PUD table, and does not BUG."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import kmem_cache_free
from mmu_gather_spec.pgtable_index import PgtableIndex
from mmu_gather_spec.words import shift_t, table_p, unsigned_long

#: the rule that catches it
BREAKS: Final = "encoding.index-names-its-freer"
#: a case in which it does
SHOWS_IN: Final = "index-of-a-pgd-table/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def pgtable_free(table: table_p, index: shift_t, /) -> None:
    """pgtable_free - one kind more"""
    if unsigned_long(index) == PgtableIndex.PGD_INDEX:
        kmem_cache_free(9, table)
