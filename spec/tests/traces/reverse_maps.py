# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What others find a page by stays as long as the page can be reached."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec import events as ev

from traces.alphabet import Case, P, Q, clear, enter, free_pages, invalidate
from traces.ranges import IDTE, due

PFN: Final = "order.pfn-flushed-before-detach"
RMAP: Final = "order.rmap-removed-after-flush"
LEFT: Final = "order.rmap-removed-before-free"
BACK: Final = "walk.no-access-to-a-page-taken-back"

DELAYED: Final = enter("__tlb_remove_page", "tlb", P, 1)
REMOVED: Final = ev.RemoveRmap(0, "a", (P,), True)
REACHED: Final = "an access reaches a page that somebody has taken for unmapped"
#: A page of VM_PFNMAP is unmapped, and its VMA taken off the reverse maps.
DETACHED: Final = (clear(P), ev.DetachVma(0, "a", True))


def find(page: int, *, found: bool = False) -> ev.FindMapping:
    return ev.FindMapping(1, "driver", page, found)


def access(page: int) -> ev.Access:
    return ev.Access(0, "task", page)


CASES: Final = (
    Case(PFN, "flushed in time", (clear(P), invalidate(), ev.DetachVma(0, "a", True))),
    Case(PFN, "pages that are counted", (clear(P), ev.DetachVma(0, "a"))),
    Case(
        PFN,
        "pages of another mapping, which are counted",
        (clear(P), enter("__tlb_remove_page", "tlb", P), ev.DetachVma(0, "a", True)),
    ),
    Case(
        PFN,
        "too late",
        (clear(P), ev.DetachVma(0, "a", True)),
        "a VMA of pages that nobody counts is detached, and the TLB of cpu0 may still reach them",
        "S14",
    ),
    Case(RMAP, "flushed in time", (clear(P), invalidate(), ev.RemoveRmap(0, "a", (P,), True))),
    Case(RMAP, "a page that nobody wrote to", (clear(P), ev.RemoveRmap(0, "a", (P,)))),
    Case(RMAP, "another page", (clear(P), ev.RemoveRmap(0, "a", (Q,), True))),
    Case(RMAP, "s390 runs the mm nowhere else before it is flushed", (clear(P), due(0), REMOVED), boot=IDTE),
    Case(
        RMAP,
        "s390 runs the mm elsewhere, too",
        (clear(P), due(0, 1), REMOVED),
        "a dirty page can no longer be found, and the TLB of cpu1 may still write to it",
        "S15",
        boot=IDTE,
    ),
    Case(
        RMAP,
        "too early",
        (clear(P), ev.RemoveRmap(0, "a", (P,), True)),
        "a dirty page can no longer be found, and the TLB of cpu0 may still write to it",
        "S15",
    ),
    Case(LEFT, "removed, and freed", (clear(P), DELAYED, REMOVED, free_pages(P), clear(P), REMOVED)),
    Case(LEFT, "mapped again", (clear(P), DELAYED, REMOVED, clear(P), DELAYED, REMOVED)),
    Case(LEFT, "by the caller", (clear(P), REMOVED, enter("__tlb_remove_page", "tlb", P, 0), free_pages(P))),
    Case(LEFT, "another page", (clear(P), DELAYED, free_pages(Q))),
    Case(
        LEFT,
        "never",
        (clear(P), DELAYED, free_pages(Q, P)),
        "a page is freed, and can still be found by its reverse map",
    ),
    Case(
        LEFT,
        "twice",
        (clear(P), DELAYED, REMOVED, REMOVED),
        "the reverse map of a page is removed twice",
    ),
    Case(BACK, "the page is reached before it is looked for", (*DETACHED, access(P), find(P))),
    Case(BACK, "its mapping was found", (find(P, found=True), *DETACHED, access(P))),
    Case(BACK, "another page is looked for", (*DETACHED, find(Q), access(P))),
    Case(BACK, "the page was clean", (clear(P), ev.RemoveRmap(0, "a", (P,)), find(P), access(P))),
    Case(BACK, "its VMA was detached", (*DETACHED, find(P), access(P)), REACHED, "S14"),
    Case(
        BACK,
        "another gather's VMA was detached: it is no known defect",
        (clear(P), ev.DetachVma(0, "b", True), find(P), access(P)),
        REACHED,
    ),
    Case(BACK, "it was dirty", (clear(P), ev.RemoveRmap(0, "a", (P,), True), find(P), access(P)), REACHED, "S15"),
    Case(BACK, "nothing was taken off the reverse maps", (clear(P), find(P), access(P)), REACHED),
)
