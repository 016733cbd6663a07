# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""64-bit Book3S: each kind of table goes back to where it came from."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mmu_gather_spec.events import Enter

from traces.alphabet import BOOT, Case, K, T, bug, cache_free, enter, free, give, got, unlink

RULE: Final = "encoding.index-names-its-freer"

LATE: Final = replace(BOOT, era="v6.12")
HUGEPD: Final = replace(BOOT, era="v6.1")
LARGE: Final = replace(HUGEPD, page_size=65536)
PMD: Final = (unlink(T, 7), enter("pmd_free_tlb", "tlb", T, 0x1000))
PUD: Final = (unlink(T, 9), enter("pgtable_free_tlb", "tlb", T, 2))


def queue(kind: int) -> Enter:
    return enter("tlb_remove_table", "tlb", T | kind)


CASES: Final = (
    Case(RULE, "a PTE table", (unlink(T), give(T), queue(0), free(T)), boot=LATE),
    Case(RULE, "a PMD table", (*PMD, queue(1), free(T)), boot=LATE),
    Case(RULE, "a PUD table", (*PUD, queue(2), cache_free(9, T)), boot=LATE),
    Case(RULE, "a PMD table that is freed at once", (*PMD, free(T)), boot=LATE),
    Case(RULE, "a directory of huge pages", (unlink(T, 4), queue(4), cache_free(4, T)), boot=HUGEPD),
    Case(RULE, "a PGD table BUGs", (unlink(T, 9), queue(3), bug()), boot=LATE),
    Case(RULE, "a batch goes, and holds no table", (got(K), *PMD, queue(1), free(K)), boot=LATE),
    Case(RULE, "its size in the word", (*PMD, queue(7)), "a table of PMD_INDEX is queued as index 7", boot=LATE),
    Case(RULE, "another kind in the word", (*PMD, queue(2)), "a table of PMD_INDEX is queued as PUD_INDEX", boot=LATE),
    Case(
        RULE,
        "a fragment to a cache",
        (*PMD, queue(1), cache_free(7, T)),
        "a table of PMD_INDEX, a fragment of a page, is given to a cache",
        boot=LATE,
    ),
    Case(
        RULE,
        "a PUD table to the page allocator",
        (*PUD, queue(2), free(T)),
        "a table of PUD_INDEX is given to the page allocator",
        boot=LATE,
    ),
    Case(
        RULE,
        "a PUD table to a smaller cache",
        (*PUD, queue(2), cache_free(7, T)),
        "a table of PUD_INDEX is given to the cache of another size",
        boot=LATE,
    ),
    Case(
        RULE,
        "a PGD table all the same",
        (unlink(T, 9), queue(3), cache_free(9, T)),
        "a table of PGD_INDEX is freed through RCU",
        boot=LATE,
    ),
    Case(
        RULE,
        "a directory of huge pages when there are none",
        (unlink(T, 4), queue(4), cache_free(4, T)),
        "a table of HTLB_16M_INDEX is freed through RCU",
        boot=LATE,
    ),
    Case(
        RULE,
        "a directory of huge pages with 64K pages",
        (unlink(T, 4), queue(4), cache_free(4, T)),
        "a table of HTLB_16M_INDEX is freed through RCU",
        boot=LARGE,
    ),
    Case(
        RULE,
        "the kind left in the address",
        (*PMD, queue(1), free(T | 1)),
        "something is freed at an address where no table was",
        boot=LATE,
    ),
)
