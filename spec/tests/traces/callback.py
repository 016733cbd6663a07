# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The callback: tables once, the page last, nothing of the gather."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mmu_gather_spec.events import CallbackBegin, CallbackEnd, ClearPte, FaultKind, Shared

from traces.alphabet import Case, K, P, T, U, cache_free, call_rcu, clear, fault, free, free_pages, give, got, unlink

ONCE: Final = "batch.freed-exactly-once"
IN_TURN: Final = "batch.insertion-order"
LAST: Final = "batch.page-freed-last"
ONE: Final = "batch.one-per-gather"
AGAIN: Final = "something is freed a second time"
ALONE: Final = "batch.callback-needs-only-its-argument"

BEGIN, END = CallbackBegin(1, "softirq", K), CallbackEnd(1, "softirq", K)
FREE_T, FREE_K = free(T, agent="softirq"), free(K, agent="softirq")


def clear_elsewhere(page: int) -> ClearPte:
    """Another entry that maps the page is cleared."""
    return replace(clear(page), addr=page)


CASES: Final = (
    Case(ONCE, "two tables are freed", (unlink(T), unlink(U), free(T), cache_free(7, U))),
    Case(ONCE, "a kernel page is freed, had again, and freed again", (got(K), free(K), got(K), free(K))),
    Case(ONCE, "a table is freed twice", (unlink(T), free(T), free(T)), AGAIN),
    Case(ONCE, "both freers have it", (unlink(T), free(T), cache_free(7, T)), AGAIN),
    Case(ONCE, "one call has it twice", (unlink(P), free_pages(P, P)), AGAIN),
    Case(ONCE, "a page is freed twice", (clear(P), free_pages(P), free_pages(P)), AGAIN),
    Case(ONCE, "a kernel page is freed twice", (got(K), free(K), free(K)), AGAIN),
    Case(ONCE, "a page that two entries mapped is let go twice", (clear(P), clear_elsewhere(P), free_pages(P, P))),
    Case(IN_TURN, "the first goes first", (give(T), give(U), call_rcu(T, U))),
    Case(
        IN_TURN,
        "the last goes first",
        (give(T), give(U), call_rcu(U, T)),
        "the tables of a batch are freed in another order than they came in",
    ),
    Case(LAST, "the tables go, then the page", (got(K), BEGIN, FREE_T, FREE_K, END)),
    Case(
        LAST,
        "the page stays",
        (got(K), BEGIN, FREE_T, END),
        "a callback ended and its batch page was not freed",
    ),
    Case(
        LAST,
        "a table goes last",
        (got(K), BEGIN, FREE_K, FREE_T),
        "a table is freed after the page that listed it",
    ),
    Case(
        LAST,
        "another page of the kernel goes instead",
        (got(K), got(K + 0x1000), BEGIN, FREE_T, free(K + 0x1000, agent="softirq"), END),
        "a callback ended and its batch page was not freed",
    ),
    Case(LAST, "the page goes twice", (got(K), BEGIN, FREE_K, FREE_K), "a callback freed its batch page twice"),
    Case(ONE, "each gather has its batch", (give(T), give(U, agent="b"), call_rcu(T), call_rcu(U))),
    Case(
        ONE,
        "one batch has tables of both",
        (give(T), give(U, agent="b"), call_rcu(T, U)),
        "one batch holds tables of two gathers",
    ),
    Case(
        ONE,
        "another gather made a difference",
        (give(T), Shared(0, "a", "CallRcu")),
        "with another gather run in between, this one did something else: CallRcu",
    ),
    Case(ALONE, "a fault of another kind: another rule's affair", (BEGIN, fault(FaultKind.AFTER_FREE))),
    Case(
        ALONE,
        "the gather is read",
        (BEGIN, fault(FaultKind.GATHER_GONE)),
        "a callback used the gather, which is gone by then",
    ),
)
