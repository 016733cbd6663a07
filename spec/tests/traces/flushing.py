# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The flush of a gather: flushes that come when they should and keep their order, and flushes that do not."""

from __future__ import annotations

from typing import Final

from traces.alphabet import Case, P, T, call_rcu, diverged, enter, free, free_pages, invalidate, leave

FLUSH: Final = (enter("tlb_flush", "tlb"), leave("tlb_flush"))

IN_ORDER: Final = "order.invalidate-submit-free"
CLOSED: Final = "order.gate-closed-when-clean"
OPEN: Final = "order.gate-open-when-dirty"
ONLY: Final = "order.arch-flush-only-invalidates"

CASES: Final = (
    Case(
        IN_ORDER,
        "a flush invalidates, submits, frees",
        (enter("tlb_finish_mmu", "tlb"), *FLUSH, call_rcu(T), free_pages(P), leave("tlb_finish_mmu")),
    ),
    Case(
        IN_ORDER,
        "a full batch goes before the flush begins",
        (call_rcu(T), enter("tlb_finish_mmu", "tlb"), *FLUSH),
    ),
    Case(
        IN_ORDER,
        "the tables go before the invalidation",
        (enter("tlb_finish_mmu", "tlb"), call_rcu(T), FLUSH[0]),
        "a batch of tables was handed to RCU before the invalidation that should precede it",
    ),
    Case(
        IN_ORDER,
        "the pages go before the invalidation",
        (enter("tlb_flush_mmu", "tlb"), free_pages(P), FLUSH[0]),
        "pages were freed before the invalidation that should precede it",
    ),
    Case(
        IN_ORDER,
        "the pages go before the tables",
        (enter("tlb_flush_mmu", "tlb"), *FLUSH, free_pages(P), call_rcu(T)),
        "pages were freed before the tables were handed to RCU",
    ),
    Case(
        IN_ORDER,
        "a flush submits and does not invalidate",
        (enter("tlb_remove_table"), enter("tlb_flush_mmu", "tlb"), call_rcu(T)),
        "a flush hands its tables to RCU and has not invalidated",
    ),
    Case(
        IN_ORDER,
        "a flush frees pages and does not invalidate",
        (enter("tlb_remove_page"), leave("tlb_remove_page"), enter("tlb_flush_mmu", "tlb"), free_pages(P)),
        "a flush frees its pages and has not invalidated",
    ),
    Case(
        IN_ORDER,
        "a page is freed at once, before any flush",
        (enter("tlb_remove_page"), free_pages(P), leave("tlb_remove_page")),
    ),
    Case(CLOSED, "a page was removed", (enter("tlb_gather_mmu"), enter("tlb_remove_page"), FLUSH[0])),
    Case(
        CLOSED,
        "two gathers each flush what is theirs",
        (
            enter("tlb_remove_page"),
            enter("tlb_remove_page", agent="b"),
            FLUSH[0],
            enter("tlb_flush", agent="b"),
        ),
    ),
    Case(
        CLOSED,
        "an empty gather flushes whatever it was filled with",
        (enter("tlb_gather_mmu"), FLUSH[0]),
        "a flush although nothing was unmapped since the last one",
    ),
    Case(
        CLOSED,
        "of a whole mm what was flushed is flushed again",
        (enter("tlb_gather_mmu", "tlb", "mm", 0, (1 << 64) - 1), enter("tlb_remove_page"), *FLUSH, FLUSH[0]),
        "a flush although nothing was unmapped since the last one",
        "S19",
    ),
    Case(
        CLOSED,
        "an empty gather flushes because of what it was filled with",
        (enter("tlb_gather_mmu"), diverged(extra_flush=True), FLUSH[0]),
        "a flush although nothing was unmapped since the last one",
        "S7",
    ),
    Case(
        CLOSED,
        "the second flush has nothing to do",
        (enter("tlb_gather_mmu"), enter("tlb_remove_page"), FLUSH[0], FLUSH[0]),
        "a flush although nothing was unmapped since the last one",
    ),
    Case(
        CLOSED,
        "only the other gather has removed something",
        (enter("tlb_remove_page", agent="b"), FLUSH[0]),
        "a flush although nothing was unmapped since the last one",
    ),
    Case(OPEN, "what was removed is flushed", (enter("tlb_remove_table"), FLUSH[0], leave("tlb_finish_mmu"))),
    Case(OPEN, "an empty gather ends", (enter("tlb_gather_mmu"), leave("tlb_finish_mmu"))),
    *(
        Case(
            OPEN,
            f"{remover} is followed by no flush",
            (enter("tlb_gather_mmu"), enter(remover), leave("tlb_finish_mmu")),
            "the gather ended without a flush for what it unmapped",
        )
        for remover in (
            "tlb_remove_page",
            "tlb_remove_table",
            "tlb_remove_tlb_entry",
            "pte_free_tlb",
            "pmd_free_tlb",
        )
    ),
    Case(
        ONLY,
        "the batch is submitted after tlb_flush",
        (FLUSH[0], invalidate(), FLUSH[1], call_rcu(T), free(T)),
    ),
    Case(ONLY, "tlb_flush submits", (FLUSH[0], call_rcu(T)), "the arch's tlb_flush submitted a batch of tables"),
    Case(ONLY, "tlb_flush frees a table", (FLUSH[0], free(T)), "the arch's tlb_flush freed something"),
    Case(ONLY, "tlb_flush frees a page", (FLUSH[0], free_pages(P)), "the arch's tlb_flush freed something"),
)
