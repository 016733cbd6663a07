# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What an invalidation comes before, and what it must not do."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from traces.alphabet import (
    BOOK3E,
    BOOT,
    BOTH_CPUS,
    Case,
    P,
    Q,
    T,
    U,
    call_rcu,
    clear,
    enter,
    free,
    free_pages,
    give,
    given,
    invalidate,
    leave,
    online,
    unlink,
    users,
)

KEPT: Final = "order.nothing-kept-by-a-flush"
ONCE: Final = "order.one-flush-per-request"
ONLY: Final = "order.tlbonly-frees-nothing"
WITHIN: Final = "order.flush-does-not-recurse"
SHORTCUT: Final = "order.shortcut-after-invalidation"
ON_UP: Final = "order.up-frees-after-invalidation"
FAST: Final = "order.fast-mode-alone"

WALKS: Final = replace(BOOT, arch="hardware-walker")
WALKS_UP: Final = replace(BOOT, arch="ipi", smp=False)
FLUSHED: Final = (enter("tlb_flush", "tlb"), leave("tlb_flush"))
REQUEST, REQUESTED = enter("tlb_flush_mmu", "tlb"), leave("tlb_flush_mmu")
PAGE: Final = enter("tlb_remove_page", "tlb", P)
WHOLE: Final = enter("tlb_gather_mmu", "tlb", "mm", 0, (1 << 64) - 1)
TABLE: Final = enter("pmd_free_tlb", "tlb", T, 0)
HUGE: Final = enter("pgtable_free_tlb", "tlb", T, 0)
TLB_ONLY: Final = enter("tlb_flush_mmu_tlbonly", "tlb")

CASES: Final = (
    Case(
        KEPT,
        "all goes",
        (give(T), PAGE, REQUEST, call_rcu(T), free_pages(P), REQUESTED),
    ),
    Case(
        KEPT,
        "a table stays",
        (give(T), enter("tlb_flush_mmu", "tlb"), leave("tlb_flush_mmu")),
        "a flush returned, and its gather still holds what it was given",
    ),
    Case(
        KEPT,
        "a page stays",
        (PAGE, free_pages(Q), leave("tlb_finish_mmu")),
        "a flush returned, and its gather still holds what it was given",
    ),
    Case(KEPT, "another gather's stay", (give(T, agent="b"), leave("tlb_flush_mmu"))),
    Case(ONCE, "two flushes invalidate once each", 2 * (REQUEST, *FLUSHED, REQUESTED)),
    Case(ONCE, "who begins again begins anew", (WHOLE, enter("tlb_gather_mmu", "tlb", "mm", 0), *FLUSHED)),
    Case(ONCE, "a flush that no request asked for", (*FLUSHED, *FLUSHED)),
    Case(
        ONCE,
        "one flush invalidates twice",
        (enter("tlb_flush_mmu", "tlb"), *FLUSHED, FLUSHED[0]),
        "one flush invalidates twice",
    ),
    Case(
        ONCE,
        "of a whole mm the flush is repeated",
        (WHOLE, enter("tlb_finish_mmu", "tlb"), *FLUSHED, FLUSHED[0]),
        "one flush invalidates twice",
        "S19",
    ),
    Case(
        ONLY,
        "it invalidates, and what is freed later is not its affair",
        (TLB_ONLY, leave("tlb_flush_mmu_tlbonly"), free(T)),
    ),
    Case(ONLY, "it frees", (TLB_ONLY, free(T)), "a flush of the TLB only has let something go"),
    Case(ONLY, "it submits", (TLB_ONLY, call_rcu(T)), "a flush of the TLB only has let something go"),
    Case(WITHIN, "one after the other", (*FLUSHED, *FLUSHED)),
    Case(WITHIN, "one within the other", (FLUSHED[0], FLUSHED[0]), "a flush calls itself"),
    Case(SHORTCUT, "invalidated first", (unlink(T), give(T), invalidate(ind=True), users(1), free(T)), boot=WALKS),
    Case(SHORTCUT, "many users", (unlink(T), give(T), users(2), free(T)), boot=WALKS),
    Case(
        SHORTCUT,
        "translations only, and another table",
        (unlink(T), give(U), invalidate(), users(1), given(), free(U)),
        boot=WALKS,
    ),
    Case(
        SHORTCUT,
        "few users, and not invalidated",
        (unlink(T), give(T), users(1), free(T)),
        "a table is freed at once, and hardware may still be led to it",
        "S1",
        WALKS,
    ),
    Case(SHORTCUT, "no indirect entry leads to it", (unlink(T), HUGE, users(1), free(T)), boot=BOOK3E),
    Case(
        SHORTCUT,
        "few users, and its indirect entry is left",
        (unlink(T), give(T), users(1), free(T)),
        "a table is freed at once, and hardware may still be led to it",
        boot=BOOK3E,
    ),
    Case(ON_UP, "invalidated first", (unlink(T), TABLE, invalidate(ind=True), free(T)), boot=WALKS_UP),
    Case(ON_UP, "a directory of huge pages", (unlink(T), HUGE, invalidate(), free(T)), boot=WALKS_UP),
    Case(
        ON_UP,
        "freed first",
        (unlink(T, 7), TABLE, free(T)),
        "a table is freed that the hardware of the one CPU may still be led to",
        boot=WALKS_UP,
    ),
    Case(
        ON_UP,
        "freed as a page, in fast mode",
        (unlink(T), free_pages(T)),
        "a table is freed that the hardware of the one CPU may still be led to",
        "S6",
        WALKS_UP,
    ),
    Case(FAST, "one CPU", (online(1), clear(P), PAGE, free_pages(P))),
    Case(FAST, "after the flush", (online(2), clear(P), PAGE, invalidate(cpus=BOTH_CPUS), free_pages(P))),
    Case(FAST, "not in the call", (online(2), clear(P), PAGE, leave("tlb_remove_page"), users(2), free_pages(P))),
    Case(FAST, "several CPUs", (online(2), clear(P), PAGE, free_pages(P)), "fast mode, and there are several CPUs"),
)
