# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The encoding: what goes in comes out, and what does not fit BUGs."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mmu_gather_spec.events import CallRcu, Enter

from traces.alphabet import BOOT, HASH32, Case, K, T, U, bug, cache_free, enter, free, got, leave, unlink

RANGE: Final = "encoding.shift-in-range"
ALIGNED: Final = "encoding.table-aligned"
MASK: Final = "encoding.mask-of-ones"
ROUND: Final = "encoding.round-trip"
ZERO: Final = "encoding.zero-is-a-page"
OPAQUE: Final = "encoding.opaque-to-generic"
ONLY_ZERO: Final = "encoding.only-zero-on-32-bit"

SIX: Final = replace(BOOT, max_pgtable_index_size=6)
TAKEN: Final = leave("pgtable_free_tlb")


def encode(shift: int) -> Enter:
    return enter("pgtable_free_tlb", "tlb", T, shift)


CASES: Final = (
    Case(RANGE, "the largest shift is taken", (encode(15), enter("tlb_remove_table", "tlb", T | 15), TAKEN)),
    Case(RANGE, "a shift too large BUGs", (encode(16), bug())),
    Case(RANGE, "a negative shift BUGs", (encode(-1), bug())),
    Case(
        RANGE,
        "a shift too large is queued",
        (encode(16), enter("tlb_remove_table", "tlb", T | 16)),
        "shift 16 was taken where 0 to 15 are legal",
    ),
    Case(
        RANGE,
        "a shift too large is dropped",
        (encode(16), TAKEN),
        "shift 16 was taken where 0 to 15 are legal",
    ),
    Case(
        RANGE,
        "a negative shift is queued",
        (encode(-1), enter("tlb_remove_table", "tlb", 0xFFFF)),
        "shift -1 was taken where 0 to 15 are legal",
        "S8",
    ),
    Case(
        RANGE,
        "a shift too large is freed first and BUGs then",
        (encode(16), cache_free(16, T)),
        "shift 16 was taken where 0 to 15 are legal",
    ),
    Case(ALIGNED, "its low bits are clear", (unlink(T, 7),)),
    Case(
        ALIGNED,
        "one of them is set",
        (unlink(T | 8, 7),),
        "a table whose address has bits set that hold the shift",
    ),
    Case(ALIGNED, "there is no shift to hold", (unlink(T | 8),), boot=HASH32),
    Case(MASK, "the mask is 15", (unlink(T),)),
    Case(MASK, "the mask is 0", (unlink(T),), boot=HASH32),
    Case(
        MASK,
        "the mask is 6",
        (unlink(T),),
        "MAX_PGTABLE_INDEX_SIZE is not one less than a power of two",
        boot=SIX,
    ),
    Case(ROUND, "address and shift come back", (unlink(T, 7), cache_free(7, T), unlink(U), free(U))),
    Case(ROUND, "a kernel page is freed, not a table", (got(K), free(K))),
    Case(
        ROUND,
        "the shift differs",
        (unlink(T, 7), cache_free(9, T)),
        "a table of shift 7 is freed with shift 9",
    ),
    Case(
        ROUND,
        "the shift is lost",
        (unlink(T, 7), free(T)),
        "a table of shift 7 is freed with shift 0",
    ),
    Case(
        ROUND,
        "the shift is left in the address",
        (unlink(T, 7), cache_free(7, T | 7)),
        "something is freed at an address where no table was",
    ),
    Case(ROUND, "nothing was there", (free(T),), "something is freed at an address where no table was"),
    Case(ZERO, "each goes home", (unlink(T), free(T), unlink(U, 7), cache_free(7, U))),
    Case(ZERO, "a PTE page goes to a cache", (unlink(T), cache_free(7, T)), "a PTE page is given to a cache"),
    Case(
        ZERO,
        "a PMD goes to the page allocator",
        (unlink(T, 7), free(T)),
        "a table of shift 7 is given to the page allocator",
    ),
    Case(
        OPAQUE,
        "the word comes back",
        (enter("tlb_remove_table", "tlb", T | 7), enter("__tlb_remove_table", T | 7)),
    ),
    Case(
        OPAQUE,
        "the shift is cut off",
        (enter("tlb_remove_table", "tlb", T | 7), enter("__tlb_remove_table", T)),
        "__tlb_remove_table is given a word that tlb_remove_table was not",
    ),
    Case(
        OPAQUE,
        "the arch frees it",
        (
            enter("tlb_remove_table", "tlb", T | 7),
            enter("__tlb_remove_table", T | 7),
            cache_free(7, T),
            leave("__tlb_remove_table"),
        ),
    ),
    Case(
        OPAQUE,
        "generic code frees it",
        (enter("tlb_remove_table", "tlb", T | 7), leave("tlb_remove_table"), cache_free(7, T)),
        "generic code frees a table without __tlb_remove_table",
    ),
    Case(
        OPAQUE,
        "an rcu_head is in a ptdesc",
        (enter("tlb_remove_table", "tlb", T), CallRcu(0, "a", T, "consolidated", ())),
        boot=replace(BOOT, arch="arm64", era="v7.0"),
    ),
    Case(
        OPAQUE,
        "an rcu_head is looked for behind a shift",
        (enter("tlb_remove_table", "tlb", T | 7), CallRcu(0, "a", T | 7, "consolidated", ())),
        "generic code takes a word that its arch has made for a ptdesc",
        boot=replace(BOOT, era="v7.0"),
    ),
    Case(ONLY_ZERO, "the shift is 0", (encode(0), TAKEN), boot=HASH32),
    Case(ONLY_ZERO, "another shift BUGs", (encode(7), bug()), boot=HASH32),
    Case(
        ONLY_ZERO,
        "another shift is taken",
        (encode(7), TAKEN),
        "a table with a shift was taken where every table is a page",
        boot=HASH32,
    ),
    Case(
        ONLY_ZERO,
        "another shift is taken by a port that declares a mask of its own",
        (encode(7), TAKEN),
        "a table with a shift was taken where every table is a page",
        boot=replace(HASH32, max_pgtable_index_size=15),
    ),
)
