# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The flushes of each architecture, and what each leaves behind when it is wrong."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.events import GetCpuVar, PutCpuVar

from traces.alphabet import (
    BOOK3E,
    CONTEXT,
    E603,
    HASH32,
    Case,
    P,
    Q,
    T,
    clear,
    enter,
    give,
    given,
    invalidate,
    leave,
    online,
)

H32: Final = "arch.hash32-flush"
H64: Final = "arch.hash64-flush"
DROPS: Final = "arch.hash64-batch-drops"
INDIRECT: Final = "arch.indirect-entry-first"
NO_ENTRIES: Final = "arch.no-entries-after-flush"

FLUSH, FLUSHED = enter("tlb_flush", "tlb"), leave("tlb_flush")
QUEUE: Final = enter("pgtable_free_tlb", "tlb", T, 0)
KEPT: Final = "a PTE table is queued while hardware may keep the entry above it"


def held(count: int, of: int = 1) -> GetCpuVar:
    return GetCpuVar(0, "a", count, of)


def left(count: int) -> PutCpuVar:
    return PutCpuVar(0, "a", count)


CASES: Final = (
    Case(
        H32,
        "the entry goes with its PTE",
        (clear(P, hashed=True), invalidate("flush_hash_pages", pages=(P,)), FLUSH, FLUSHED),
        boot=HASH32,
    ),
    Case(H32, "a 603 flushes its whole TLB", (FLUSH, invalidate("_tlbia", context=-1), FLUSHED), boot=E603),
    Case(
        H32,
        "the entry is there when the flush begins",
        (clear(P, hashed=True), FLUSH),
        "tlb_flush begins and a hash entry of a cleared PTE is still there",
        boot=HASH32,
    ),
    Case(
        H32,
        "_tlbia is too much",
        (FLUSH, invalidate("_tlbia")),
        "_tlbia although there is a hash table",
        boot=HASH32,
    ),
    Case(
        H32,
        "so is any other invalidation",
        (FLUSH, invalidate("flush_hash_pages", pages=(P,))),
        "flush_hash_pages although there is a hash table",
        boot=HASH32,
    ),
    Case(
        H32,
        "a 603 flushes nothing",
        (FLUSH, FLUSHED),
        "tlb_flush without _tlbia where there is no hash table",
        boot=E603,
    ),
    Case(H64, "the batch is looked at and emptied", (FLUSH, held(2), left(0), FLUSHED)),
    Case(
        H64,
        "nobody looks",
        (held(2), left(2), FLUSH, FLUSHED),
        "tlb_flush did not look at this CPU's hash batch",
    ),
    Case(
        H64,
        "two entries stay",
        (FLUSH, held(2), left(2), FLUSHED),
        "tlb_flush left 2 entries in this CPU's hash batch",
    ),
    Case(DROPS, "two entries are dropped", (held(2), invalidate("flush_hash_range", pages=(P, Q)), left(0))),
    Case(DROPS, "an entry comes in", (held(1), left(2))),
    Case(
        DROPS,
        "the entries of another mm go before one of this comes in",
        (held(1, of=2), invalidate("flush_hash_page", pages=(P,), context=2), left(1), held(1), left(1)),
    ),
    Case(
        DROPS,
        "an entry comes in beside one of another mm",
        (held(1, of=2), left(2), held(2)),
        "entries in the hash batch have become another mm's",
    ),
    Case(
        DROPS,
        "an entry of another mm is dropped as one of this",
        (held(1, of=2), invalidate("flush_hash_page", pages=(P,)), left(0)),
        "1 entries left the hash batch and were not dropped",
    ),
    Case(DROPS, "two entries vanish", (held(2), left(0)), "2 entries left the hash batch and were not dropped"),
    Case(
        DROPS,
        "one of two entries vanishes",
        (held(2), invalidate("flush_hash_page", pages=(P,)), left(0)),
        "1 entries left the hash batch and were not dropped",
    ),
    Case(
        INDIRECT,
        "the entry above goes first",
        (give(T), invalidate("_tlbivax_bcast", ind=True), QUEUE),
        boot=BOOK3E,
    ),
    Case(INDIRECT, "the entry above stays", (give(T), QUEUE), KEPT, boot=BOOK3E),
    Case(
        INDIRECT,
        "only the pages' entries go",
        (give(T), invalidate("_tlbivax_bcast"), QUEUE),
        KEPT,
        boot=BOOK3E,
    ),
    Case(
        INDIRECT,
        "the entry above another table goes",
        (give(T), invalidate("_tlbivax_bcast", pages=(P,), ind=True), QUEUE),
        KEPT,
        boot=BOOK3E,
    ),
    Case(
        INDIRECT,
        "one CPU of two drops the entry above",
        (online(2), give(T), invalidate(cpus=frozenset({0}), ind=True), QUEUE),
        KEPT,
        boot=BOOK3E,
    ),
    Case(
        INDIRECT,
        "an entry of another context goes",
        (clear(P), give(T), invalidate("_tlbivax_bcast", context=CONTEXT + 1, ind=True), QUEUE),
        KEPT,
        boot=BOOK3E,
    ),
    Case(INDIRECT, "the entry above never goes", (give(T), given()), KEPT, boot=BOOK3E),
    Case(NO_ENTRIES, "what another gather has unmapped may stay", (clear(P), leave("tlb_flush", agent="b"))),
    Case(NO_ENTRIES, "everything goes", (clear(P), FLUSH, invalidate(), FLUSHED), boot=BOOK3E),
    Case(
        NO_ENTRIES,
        "the other CPU keeps one",
        (clear(P), FLUSH, invalidate(cpus=frozenset({0})), FLUSHED),
        "after tlb_flush the TLB of cpu1 may still hold what was unmapped",
        boot=BOOK3E,
    ),
    Case(
        NO_ENTRIES,
        "the hash table keeps one",
        (clear(P, hashed=True), FLUSH, invalidate(), FLUSHED),
        "after tlb_flush the hash table may still hold what was unmapped",
    ),
)
