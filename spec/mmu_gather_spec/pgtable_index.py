# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""enum pgtable_index: what a word of 64-bit Book3S says of its table since v4.18: of which kind it is, not how large.

A fragment of a page is freed otherwise than a table from a cache of the same size, so the size alone is not enough.
How large the tables of a kind are is known where they are freed.  The caller of pgtable_free_tlb() gives the kind in
the place of the size.

source: arch/powerpc/include/asm/book3s/64/{pgtable,pgtable-4k,hash-4k,hash-64k}.h (6.1).
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from mmu_gather_spec.arch import ARCHS
from mmu_gather_spec.eras import between

#: The first of our eras that has it.
SINCE: Final = "v4.19"
#: The last one with directories of huge pages in caches of their own: they went in v6.11.
HUGEPD_UNTIL: Final = "v6.1"
SZ_64K: Final = 0x10000


class PgtableIndex(IntEnum):
    """The kinds, by the kernel's names; the last two with 4K pages only."""

    PTE_INDEX = 0
    PMD_INDEX = 1
    PUD_INDEX = 2
    PGD_INDEX = 3
    HTLB_16M_INDEX = 4
    HTLB_16G_INDEX = 5


#: Kinds whose tables are fragments of pages; the others come from caches.
FRAGMENTS: Final = frozenset({PgtableIndex.PTE_INDEX, PgtableIndex.PMD_INDEX})
#: H_16M_CACHE_INDEX and H_16G_CACHE_INDEX.
H_16M_CACHE_INDEX: Final = 4
H_16G_CACHE_INDEX: Final = 3


def PUD_CACHE_INDEX(page_size: int, /) -> int:
    """The index size of a PUD table: 9, and with 64K pages 10 and one more for huge pages."""
    return 11 if page_size == SZ_64K else 9


def has_index(arch: str, era: str, /) -> bool:
    """Whether the words of an arch are of this kind: hash64's and radix'."""
    return ARCHS[arch].book3s_64 and between(era, SINCE, "")


def kinds(era: str, page_size: int, pmd_index_size: int, /) -> dict[PgtableIndex, int]:
    """The kinds that are freed behind a grace period, with the index sizes of their tables: no PGD is."""
    found = {
        PgtableIndex.PTE_INDEX: 0,
        PgtableIndex.PMD_INDEX: pmd_index_size,
        PgtableIndex.PUD_INDEX: PUD_CACHE_INDEX(page_size),
    }
    if between(era, "", HUGEPD_UNTIL) and page_size != SZ_64K:
        found |= {PgtableIndex.HTLB_16M_INDEX: H_16M_CACHE_INDEX, PgtableIndex.HTLB_16G_INDEX: H_16G_CACHE_INDEX}
    return found
