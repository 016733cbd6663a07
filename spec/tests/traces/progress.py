# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Progress: everything is freed at last, with and without memory, and nobody waits for himself."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mmu_gather_spec.events import Enter, GracePeriod, Irqs, Preempt, Trace

from traces.alphabet import (
    BOOT,
    Case,
    K,
    P,
    T,
    bug,
    clear,
    enter,
    free,
    free_pages,
    give,
    got,
    ipi,
    leave,
    quiescent,
)

FAILING: Final = "progress.every-allocation-failing"
EVENTUALLY: Final = "progress.eventually-freed"
WAITS: Final = "progress.waits-with-irqs-on"
NO_PAGE: Final = "progress.pages-without-a-page"
#: synchronize_sched() has returned
WAITED: Final = GracePeriod(0, "a", 0, "sched")
BUGS: Final = "progress.bugs-only-with-cause"

#: 64-bit Book3S, where a word says the kind of its table.
KINDS: Final = replace(BOOT, era="v6.12")


def queued(word: int) -> Enter:
    """The table is queued with this in its low bits."""
    return enter("tlb_remove_table", "tlb", T | word)


def remove(count: int) -> Trace:
    """So many pages are given, and none is freed."""
    pages = range(P, P + (count << 12), 1 << 12)
    return tuple(
        event
        for page in pages
        for event in (clear(page), enter("tlb_remove_page", "tlb", page), leave("tlb_remove_page"))
    )


CASES: Final = (
    Case(FAILING, "the table is freed without a batch", (give(T), got(None), free(T), quiescent())),
    Case(FAILING, "no allocation failed: its sister's affair", (give(T), got(K), quiescent())),
    Case(FAILING, "BUG ended the gather", (give(T), got(None), bug(), quiescent())),
    Case(
        FAILING,
        "the table is lost",
        (give(T), got(None), quiescent()),
        "an allocation failed, and a table was never freed",
    ),
    Case(EVENTUALLY, "the table is freed", (give(T), got(K), free(T), quiescent())),
    Case(EVENTUALLY, "an allocation failed: its sister's affair", (give(T), got(None), quiescent())),
    Case(EVENTUALLY, "BUG ended the gather", (give(T), bug(), quiescent())),
    Case(EVENTUALLY, "the table is lost", (give(T), got(K), quiescent()), "a table was never freed"),
    Case(WAITS, "an IPI is waited for with IRQs on", (ipi(1),)),
    Case(WAITS, "an IPI is sent and not waited for with IRQs off", (ipi(1, wait=False, irqs_on=False),)),
    Case(
        WAITS,
        "an IPI is waited for with IRQs off",
        (ipi(1, irqs_on=False),),
        "an IPI is waited for with IRQs off or in an interrupt: two CPUs can wait for each other",
    ),
    Case(
        WAITS,
        "an interrupt handler waits for another IPI",
        (replace(ipi(0), cpu=1, agent="ipi"),),
        "an IPI is waited for with IRQs off or in an interrupt: two CPUs can wait for each other",
    ),
    Case(WAITS, "a task waits for a grace period", (Irqs(0, "a", False), Irqs(0, "a", True), WAITED)),
    Case(
        WAITS,
        "a task waits for a grace period with IRQs off",
        (Irqs(0, "a", False), WAITED),
        "a grace period is waited for by a task that may not sleep",
    ),
    Case(
        WAITS,
        "a task waits for a grace period with preemption off",
        (Preempt(0, "a", 1), WAITED),
        "a grace period is waited for by a task that may not sleep",
    ),
    Case(NO_PAGE, "eight pages wait", remove(8)),
    Case(NO_PAGE, "nine pages wait where there is a page of slots", (got(K), *remove(9))),
    Case(NO_PAGE, "the page is freed before the end", (*remove(1), free_pages(P), leave("tlb_finish_mmu"))),
    Case(NO_PAGE, "nine pages wait", remove(9), "9 pages wait where there are 8 slots"),
    Case(
        NO_PAGE,
        "a ninth page goes with the others",
        (free_pages(*range(P, P + 0x9000, 0x1000)),),
        "9 pages waited where there are 8 slots",
    ),
    Case(
        NO_PAGE,
        "a page is lost",
        (*remove(1), leave("tlb_finish_mmu")),
        "the gather ended and a page was not freed",
    ),
    Case(BUGS, "the shift is out of range", (enter("pgtable_free_tlb", "tlb", T, 16), bug())),
    Case(BUGS, "the shift is legal", (enter("pgtable_free_tlb", "tlb", T, 15), bug("nr")), "BUG: nr"),
    Case(BUGS, "no shift is given at all", (bug(""),), "BUG: no reason given"),
    Case(BUGS, "a kind that is not freed through RCU", (queued(3), bug()), boot=KINDS),
    Case(BUGS, "a kind that is", (queued(3), queued(1), bug("nr")), "BUG: nr", boot=KINDS),
    Case(BUGS, "a size and not a kind", (queued(3), bug("nr")), "BUG: nr"),
)
