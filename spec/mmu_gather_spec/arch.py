# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The facts of an architecture that decide whether a trace is legal on it.

They are separate facts, never one flag: the same trace may be harmless where the hardware
never reads the Linux tables and a use after free where it does.  The code of an
architecture lives in the arch room; here is only what a rule may ask.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from mmu_gather_spec.record import record


class FlushIpi(Enum):
    """Which CPUs an arch's TLB flush interrupts, and so waits for."""

    #: by broadcast or in the hash table: nobody is interrupted, so nobody is waited for
    NONE = "none"
    #: the CPUs that may hold translations, not those that merely may walk
    MM_CPUMASK = "mm_cpumask"
    #: every CPU that can walk: such an arch "automagically" does the right thing
    ALL = "all"


class Translation(Enum):
    """Where stale translations live between a cleared PTE and its invalidation."""

    HASH_TABLE = "the hash table, and the TLBs that it feeds"
    TLB = "the TLBs of the CPUs in mm_cpumask"


class Encoding(Enum):
    """What an arch puts into the word of a table that is given."""

    #: the index size of the table, in its low bits: powerpc and the controls; on 64-bit Book3S later its kind
    SHIFT = "shift"
    #: bit 0: whether the table is a page
    PAGE_BIT = "page bit"
    #: which part of a page it is
    FRAGMENT = "fragment"
    #: nothing: a table is a page
    NONE = "none"


@record(frozen=True, slots=True)
class Arch:
    """One architecture, by what it guarantees."""

    name: str
    #: width of a word
    bits_per_long: int
    translation: Translation
    flush_ipi_reaches: FlushIpi
    #: levels of the Linux tables that the hardware reads by itself
    hw_walks_linux_tables: frozenset[str]
    #: whether only tables are kept for a walker, so that it must pin pages speculatively
    pages_need_speculative_get: bool
    #: whether it selects the batching of tables at all; the control does not
    selects_table_batching: bool
    #: the largest legal shift at the seed, also the mask
    max_pgtable_index_size: int
    #: the shift of a PMD table; 0 where the PMD is folded
    pmd_shift: int
    encoding: Encoding = Encoding.SHIFT
    #: whether a whole mm may go without its translations being dropped: its ASID is not used again before they are.
    #: s390 has none: what names an mm is where its top table is, and all goes with the tables
    asid_dies_with_mm: bool = False
    #: whether address spaces share PMD tables of huge pages: ARCH_WANT_HUGE_PMD_SHARE
    shares_pmd_tables: bool = False
    #: 64-bit Book3S: what a word says changed there, see `pgtable_index`
    book3s_64: bool = False


ARCHS: Final[dict[str, Arch]] = {
    arch.name: arch
    for arch in (
        Arch("hash32", 32, Translation.HASH_TABLE, FlushIpi.NONE, frozenset(), True, True, 0x0, 0),
        Arch(
            "hash64", 64, Translation.HASH_TABLE, FlushIpi.NONE, frozenset(), True, True, 0xF, 7, book3s_64=True
        ),
        Arch("nohash", 64, Translation.TLB, FlushIpi.MM_CPUMASK, frozenset({"pte"}), True, True, 0xF, 7),
        Arch("hardware-walker", 64, Translation.TLB, FlushIpi.NONE, frozenset({"pte", "pmd"}), True, True, 0xF, 7),
        Arch("ipi", 64, Translation.TLB, FlushIpi.ALL, frozenset({"pte", "pmd"}), False, False, 0xF, 7),
        Arch(
            "radix", 64, Translation.TLB, FlushIpi.NONE, frozenset({"pte", "pmd"}), True, True, 0xF, 9, book3s_64=True
        ),
        Arch(
            "arm64", 64, Translation.TLB, FlushIpi.NONE, frozenset({"pte", "pmd"}), True, True, 0x0, 9,
            Encoding.NONE, asid_dies_with_mm=True, shares_pmd_tables=True,
        ),
        Arch(
            "x86", 64, Translation.TLB, FlushIpi.NONE, frozenset({"pte", "pmd"}), True, True, 0x0, 9, Encoding.NONE,
            shares_pmd_tables=True,
        ),
        Arch("sparc64", 64, Translation.TLB, FlushIpi.NONE, frozenset(), True, True, 0x0, 10, Encoding.PAGE_BIT),
        Arch(
            "s390", 64, Translation.TLB, FlushIpi.NONE, frozenset({"pte", "pmd"}), True, True, 0x0, 11,
            Encoding.FRAGMENT, asid_dies_with_mm=True,
        ),
    )
}  # fmt: skip

#: Where a PMD table is one of its own.
WITH_PMD: Final = tuple(arch.name for arch in ARCHS.values() if arch.pmd_shift)
#: Where address spaces share PMD tables.
SHARING: Final = tuple(arch.name for arch in ARCHS.values() if arch.shares_pmd_tables)
#: Where tables are batched.
BATCHING: Final = tuple(arch.name for arch in ARCHS.values() if arch.selects_table_batching)


def max_table_batch(page_size: int, bits_per_long: int, /) -> int:
    """MAX_TABLE_BATCH: how many tables one batch holds at most.

    page_size: bytes.  The header of a batch is an rcu_head of two words and an unsigned int,
    padded to a word.  source: include/asm-generic/tlb.h, seed lines 298-299.
    """
    word = bits_per_long // 8
    header = 2 * word + 4
    header += -header % word
    return (page_size - header) // word
