# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a flush lets go of, and what it must not do."""

from __future__ import annotations

from typing import Final

from traces.alphabet import (
    Case,
    P,
    Q,
    T,
    call_rcu,
    enter,
    free,
    free_pages,
    give,
    leave,
)

KEPT: Final = "order.nothing-kept-by-a-flush"
ONCE: Final = "order.one-flush-per-request"
ONLY: Final = "order.tlbonly-frees-nothing"
WITHIN: Final = "order.flush-does-not-recurse"

FLUSHED: Final = (enter("tlb_flush", "tlb"), leave("tlb_flush"))
REQUEST, REQUESTED = enter("tlb_flush_mmu", "tlb"), leave("tlb_flush_mmu")
PAGE: Final = enter("tlb_remove_page", "tlb", P)
WHOLE: Final = enter("tlb_gather_mmu", "tlb", "mm", 0, (1 << 64) - 1)
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
)
