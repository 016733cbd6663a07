# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Unhook, invalidate, free: what is freed, given or left while somebody can still reach it."""

from __future__ import annotations

from typing import Final

from traces.alphabet import (
    CONTEXT,
    UP,
    Case,
    P,
    Q,
    T,
    clear,
    enter,
    free,
    free_pages,
    give,
    invalidate,
    leave,
    online,
    unlink,
)
from traces.ranges import IDTE, due

HERE: Final = frozenset({0})
THERE: Final = frozenset({1})
NOBODY: Final[frozenset[int]] = frozenset()

UNHOOKED: Final = "order.unhooked-before-given"
AFTER_FLUSH: Final = "order.page-freed-after-flush"
STALE: Final = "order.nothing-stale-after-finish"

CASES: Final = (
    Case(UNHOOKED, "a table is unhooked, then given", (unlink(T), give(T))),
    Case(UNHOOKED, "a page is unmapped, then given", (clear(P), enter("tlb_remove_page", "tlb", P))),
    Case(
        UNHOOKED,
        "a table is given that is still hooked",
        (give(T),),
        "a table that its parent entry still points to",
    ),
    Case(
        UNHOOKED,
        "a page is given that is mapped",
        (enter("tlb_remove_page", "tlb", P),),
        "a page that is still mapped",
    ),
    Case(AFTER_FLUSH, "a page is freed after a flush of its context", (clear(P), invalidate(), free_pages(P))),
    Case(
        AFTER_FLUSH,
        "each CPU flushes by itself",
        (clear(P), invalidate(cpus=HERE), invalidate(cpus=THERE), free_pages(P)),
    ),
    Case(
        AFTER_FLUSH,
        "the hash entry and both TLBs are flushed",
        (clear(P, hashed=True), invalidate("flush_hash_page", pages=(P,)), free_pages(P)),
    ),
    Case(
        AFTER_FLUSH, "s390 runs the mm nowhere else before it is flushed", (clear(P), due(0), free_pages(P)), boot=IDTE
    ),
    Case(
        AFTER_FLUSH,
        "s390 runs the mm elsewhere, too",
        (clear(P), due(0, 1), free_pages(P)),
        "the TLB of cpu1 may still translate to a page that is freed",
        boot=IDTE,
    ),
    Case(AFTER_FLUSH, "another page is freed", (clear(P), free_pages(Q))),
    Case(
        AFTER_FLUSH,
        "the page allocator gets a page that may still be used",
        (clear(P, cpus=HERE), free(P)),
        "the TLB of cpu0 may still translate to a page that is freed",
    ),
    Case(
        AFTER_FLUSH,
        "one CPU of two is flushed",
        (clear(P), invalidate(cpus=HERE), free_pages(P)),
        "the TLB of cpu1 may still translate to a page that is freed",
    ),
    Case(
        AFTER_FLUSH,
        "only the TLBs are flushed, not the hash table",
        (clear(P, hashed=True), invalidate("_tlbia", context=-1), free_pages(P)),
        "the hash table may still translate to a page that is freed",
    ),
    Case(
        AFTER_FLUSH,
        "another context is flushed",
        (clear(P, cpus=HERE), invalidate(context=CONTEXT + 1), free_pages(P)),
        "the TLB of cpu0 may still translate to a page that is freed",
    ),
    Case(
        AFTER_FLUSH,
        "another address is flushed",
        (clear(P, cpus=HERE), invalidate(pages=(Q,)), free_pages(P)),
        "the TLB of cpu0 may still translate to a page that is freed",
    ),
    Case(
        AFTER_FLUSH,
        "one CPU was counted and nothing is flushed",
        (online(1), clear(P, cpus=HERE), free_pages(P)),
        "the TLB of cpu0 may still translate to a page that is freed",
        "S6",
    ),
    Case(
        AFTER_FLUSH,
        "nothing is flushed on UP",
        (clear(P, cpus=HERE), free_pages(P)),
        "the TLB of cpu0 may still translate to a page that is freed",
        "S6",
        UP,
    ),
    Case(
        STALE,
        "the flush comes before the end",
        (clear(P), leave("tlb_flush_mmu"), invalidate(), leave("tlb_finish_mmu")),
    ),
    Case(
        STALE,
        "one CPU is left out",
        (clear(P), invalidate(cpus=HERE), leave("tlb_finish_mmu")),
        "the TLB of cpu1 may still hold a translation that was unmapped",
    ),
    Case(
        STALE,
        "the hash entry stays",
        (clear(P, cpus=NOBODY, hashed=True), invalidate(), leave("tlb_finish_mmu")),
        "the hash table may still hold a translation that was unmapped",
    ),
    Case(
        STALE,
        "another gather ends meanwhile",
        (clear(P), leave("tlb_finish_mmu", agent="b")),
    ),
)
