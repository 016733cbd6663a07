# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a gather keeps beside its lists."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mmu_gather_spec import events as ev

from traces.alphabet import BOOT, BOTH_CPUS, CONTEXT, Case, P, T, clear, enter, free_pages, give, invalidate, leave

PENDING: Final = "gather.pending-while-open"
SIZE: Final = "gather.one-page-size-per-flush"
COVERS: Final = "gather.range-covers"
CACHES: Final = "gather.freed-tables-known"
S390: Final = "arch.s390-entry-goes-when-cleared"

WALKS: Final = replace(BOOT, arch="hardware-walker")
IDTE: Final = replace(BOOT, arch="s390")
BEGUN: Final = (enter("tlb_gather_mmu", "tlb", "mm"), ev.TlbFlushPending(0, "a", True), leave("tlb_gather_mmu"))
WHOLE: Final = enter("tlb_gather_mmu_fullmm", "tlb", "mm")
ENDED: Final = ev.TlbFlushPending(0, "a", False)
FLUSH, FLUSHED = enter("tlb_flush", "tlb"), leave("tlb_flush")
ENTRY: Final = enter("tlb_remove_tlb_entry", "tlb", "ptep", 0x5000)
LARGE: Final = (enter("tlb_change_page_size", "tlb", 1 << 21), leave("tlb_change_page_size"))
SMALL: Final = (enter("tlb_change_page_size", "tlb", 4096), leave("tlb_change_page_size"))


def span(first: int, behind: int, *, ind: bool = False) -> ev.Invalidate:
    return ev.Invalidate(0, "a", "flush_tlb_range_bcast", CONTEXT, None, BOTH_CPUS, ind, (first, behind))


def everything(agent: str) -> ev.Invalidate:
    """All of the mm is dropped."""
    return ev.Invalidate(1, agent, "flush_tlb_bcast", CONTEXT, None, BOTH_CPUS, True)


def due(*cpus: int, on: bool = True, context: int = CONTEXT) -> ev.FlushMm:
    """flush_mm is set, with the mm attached to these CPUs."""
    return ev.FlushMm(0, "a", on, context, frozenset(cpus))


CASES: Final = (
    Case(PENDING, "from beginning to end", (*BEGUN, FLUSH, FLUSHED, ENDED, leave("tlb_finish_mmu"))),
    Case(PENDING, "not counted", (BEGUN[0], BEGUN[2]), "a gather has begun and is not counted as pending"),
    Case(
        PENDING,
        "counted no more",
        (*BEGUN, ENDED, FLUSH),
        "a gather flushes when it is not counted as pending any more",
    ),
    Case(
        PENDING,
        "counted for ever",
        (*BEGUN, leave("tlb_finish_mmu")),
        "a gather has ended and is still counted as pending",
    ),
    Case(SIZE, "the same size", (BEGUN[0], *SMALL, ENTRY, *SMALL)),
    Case(SIZE, "flushed between", (BEGUN[0], *SMALL, ENTRY, LARGE[0], FLUSH, FLUSHED, LARGE[1])),
    Case(SIZE, "of a whole mm", (WHOLE, *SMALL, ENTRY, *LARGE)),
    Case(
        SIZE,
        "not flushed",
        (BEGUN[0], *SMALL, ENTRY, *LARGE),
        "entries of another page size come, and those before were not flushed",
    ),
    Case(COVERS, "all of it", (ENTRY, FLUSH, span(0x5000, 0x6000), FLUSHED, FLUSH, span(0, 1), FLUSHED)),
    Case(COVERS, "the whole mm", (ENTRY, FLUSH, invalidate())),
    Case(COVERS, "begun again", (ENTRY, *BEGUN, FLUSH, span(0, 1))),
    Case(COVERS, "not in a flush", (ENTRY, span(0, 1))),
    Case(COVERS, "in two steps", (ENTRY, FLUSH, span(0x3000, 0x4000), span(0x5000, 0x6000), FLUSHED)),
    Case(COVERS, "all of it behind a range", (ENTRY, FLUSH, span(0x6000, 0x7000), invalidate(), FLUSHED)),
    Case(
        COVERS,
        "left out",
        (ENTRY, FLUSH, span(0x6000, 0x7000), FLUSHED),
        "a flush leaves out 0x5000, which was unmapped",
    ),
    Case(CACHES, "dropped", (give(T), FLUSH, invalidate(ind=True), FLUSHED), boot=WALKS),
    Case(CACHES, "no table went", (ENTRY, FLUSH, span(0, 1), FLUSHED), boot=WALKS),
    Case(
        CACHES,
        "another gather has dropped all",
        (give(T), enter("tlb_flush", "tlb", agent="b"), everything("b"), FLUSH, FLUSHED),
        boot=WALKS,
    ),
    Case(
        CACHES,
        "another gather had dropped all before",
        (everything("b"), give(T), FLUSH, FLUSHED),
        "a table was freed, and the flush has left the walk caches as they were",
        boot=WALKS,
    ),
    Case(
        CACHES,
        "left as they were",
        (give(T), FLUSH, span(0, 1), FLUSHED),
        "a table was freed, and the flush has left the walk caches as they were",
        boot=WALKS,
    ),
    Case(S390, "gone when cleared", (clear(P), span(P << 4, (P << 4) + 1), ENTRY, free_pages(P)), boot=IDTE),
    Case(S390, "attached here alone", (clear(P), due(0), ENTRY, free_pages(P)), boot=IDTE),
    Case(
        S390,
        "attached elsewhere, too",
        (clear(P), due(0, 1), ENTRY),
        "an entry was cleared, and the TLB of cpu1 may still hold it",
        boot=IDTE,
    ),
    Case(
        S390,
        "attached elsewhere only",
        (clear(P), due(1), free_pages(P)),
        "an entry was cleared, and the TLB of cpu1 may still hold it",
        boot=IDTE,
    ),
    Case(
        S390,
        "another mm's flush_mm",
        (clear(P), due(0, context=2), free_pages(P)),
        "an entry was cleared, and the TLB of cpu0 may still hold it",
        boot=IDTE,
    ),
    Case(
        S390,
        "flush_mm is cleared",
        (clear(P), due(0, on=False), free_pages(P)),
        "an entry was cleared, and the TLB of cpu0 may still hold it",
        boot=IDTE,
    ),
    Case(
        S390, "noted first", (clear(P), ENTRY), "an entry was cleared, and the TLB of cpu0 may still hold it", boot=IDTE
    ),
    Case(
        S390,
        "freed first",
        (clear(P), free_pages(P)),
        "an entry was cleared, and the TLB of cpu0 may still hold it",
        boot=IDTE,
    ),
)
