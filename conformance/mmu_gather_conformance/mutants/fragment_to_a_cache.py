# SPDX-License-Identifier: GPL-2.0-only
"""64-bit Book3S: a PMD table is given to the cache of its size, and not to its page."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import kmem_cache_free
from mmu_gather_spec.linked import PMD_INDEX_SIZE
from mmu_gather_spec.words import table_p

#: the rule that catches it
BREAKS: Final = "encoding.index-names-its-freer"
#: a case in which it does
SHOWS_IN: Final = "one-pmd-table/radix/small"
#: the architectures that it changes
ARCHS: Final = ["radix"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def pmd_fragment_free(table: table_p, /) -> None:
    """pmd_fragment_free - there are tables of that size in a cache"""
    kmem_cache_free(PMD_INDEX_SIZE(), table)
