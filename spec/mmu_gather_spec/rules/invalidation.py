# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a flush owes besides its order, and what it must not do: laws that the eras added.

It lets go of all that its gather was given, asks for one invalidation and not two, and never calls itself; where it was
asked to invalidate only, it lets go of nothing.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.events import (
    AnyEvent,
    Booted,
    CallRcu,
    Enter,
    Leave,
)
from mmu_gather_spec.rule import (
    ALWAYS,
    REQUIRED,
    Evidence,
    Level,
    Monitor,
    Rule,
    Source,
    Violation,
    as_written,
    over_time,
)
from mmu_gather_spec.rules.reading import (
    BEGINNERS,
    CALLS,
    FREES,
    Calls,
    calls_after,
    freed,
    given,
    inside,
    of_whole_mm,
    pages_given,
)

#: Calls that let go of everything.
REQUESTS: Final = frozenset({"tlb_flush_mmu", "tlb_finish_mmu"})


class NothingKept(Monitor[frozenset[tuple[int, str]]]):
    """When a flush returns its gather holds no table and no page that it was given."""

    reads = (*CALLS, *FREES, CallRcu)

    def initial(self, boot: Booted, /) -> frozenset[tuple[int, str]]:
        return frozenset()

    def step(self, state: frozenset[tuple[int, str]], event: AnyEvent, /) -> frozenset[tuple[int, str]] | Violation:
        match event:
            case Enter() if pages := pages_given(event):
                return state.union((page, event.agent) for page in pages)
            case Enter() if (table := given(event)) is not None:
                return state | {(table, event.agent)}
            case Leave(fn=fn) if fn in REQUESTS and any(agent == event.agent for _, agent in state):
                return Violation("a flush returned, and its gather still holds what it was given", event)
        gone = event.tables if isinstance(event, CallRcu) else freed(event)
        return frozenset(entry for entry in state if entry[0] not in gone) if gone else state


class Requests(NamedTuple):
    """Which agents are inside a flush, which of them have invalidated, and who unmaps a whole mm."""

    calls: Calls
    flushed: frozenset[str]
    whole: frozenset[str]


class OneFlush(Monitor[Requests]):
    """One flush asks for one invalidation."""

    reads = CALLS

    def initial(self, boot: Booted, /) -> Requests:
        return Requests((), frozenset(), frozenset())

    def step(self, state: Requests, event: AnyEvent, /) -> Requests | Violation:
        own = {event.agent}
        requested = inside(state.calls, event.agent, REQUESTS)
        match event:
            case Enter(fn=fn) if fn in BEGINNERS:
                state = state._replace(whole=state.whole | own if of_whole_mm(event) else state.whole - own)
            case Enter(fn=fn) if fn in REQUESTS and not requested:
                state = state._replace(flushed=state.flushed - own)
            case Enter(fn="tlb_flush") if requested and event.agent in state.flushed:
                erratum = "S19" if event.agent in state.whole else None
                return Violation("one flush invalidates twice", event, erratum=erratum)
            case Enter(fn="tlb_flush") if requested:
                state = state._replace(flushed=state.flushed | own)
        return state._replace(calls=calls_after(state.calls, event))


class OnlyInvalidates(Monitor[Calls]):
    """Inside tlb_flush_mmu_tlbonly() nothing is freed and nothing is handed over."""

    reads = (*CALLS, *FREES, CallRcu)

    def initial(self, boot: Booted, /) -> Calls:
        return ()

    def step(self, state: Calls, event: AnyEvent, /) -> Calls | Violation:
        if isinstance(event, CallRcu) or freed(event):
            if inside(state, event.agent, frozenset({"tlb_flush_mmu_tlbonly"})):
                return Violation("a flush of the TLB only has let something go", event)
            return state
        return calls_after(state, event)


class NotWithinItself(Monitor[Calls]):
    """tlb_flush() does not lead to another tlb_flush()."""

    reads = CALLS

    def initial(self, boot: Booted, /) -> Calls:
        return ()

    def step(self, state: Calls, event: AnyEvent, /) -> Calls | Violation:
        if isinstance(event, Enter) and event.fn == "tlb_flush" and inside(state, event.agent, frozenset({event.fn})):
            return Violation("a flush calls itself", event)
        return calls_after(state, event)


TLB_H: Final = "include/asm-generic/tlb.h"
MMU_GATHER_C: Final = "mm/mmu_gather.c"

RULES: Final = (
    Rule(
        id="order.nothing-kept-by-a-flush",
        row="A8",
        level=Level.MUST,
        sentence="When a flush returns, the gather holds no table and no page that it was given before.",
        sources=(
            Source(TLB_H, "tlb_table_flush(tlb); free_pages_and_swap_cache", (340, 344)),
            Source(MMU_GATHER_C + " (6.12)", "tlb_flush_mmu_free"),
        ),
        evidence=Evidence.SEED,
        monitor=NothingKept(),
        status=ALWAYS,
    ),
    Rule(
        id="order.one-flush-per-request",
        row="A9",
        level=Level.SHOULD,
        sentence="One flush of a gather invalidates once.",
        sources=(Source(TLB_H + " (6.12), tlb_flush_mmu_tlbonly", "cleared_ptes || tlb->cleared_pmds"),),
        evidence=Evidence.KERNEL,
        monitor=OneFlush(),
        status=over_time({"v2.6.37": REQUIRED, "v4.19": as_written("S19"), "v5.7": REQUIRED}),
    ),
    Rule(
        id="order.tlbonly-frees-nothing",
        row="A11",
        level=Level.MUST,
        sentence="tlb_flush_mmu_tlbonly() invalidates, and lets go of nothing.",
        sources=(Source(TLB_H + " (6.12)", "does the actual TLB invalidate and resets the range"),),
        evidence=Evidence.KERNEL,
        monitor=OnlyInvalidates(),
        status=over_time({"v5.7": REQUIRED}),
    ),
    Rule(
        id="order.flush-does-not-recurse",
        row="A12",
        level=Level.MUST,
        sentence="tlb_flush() is not called from inside itself.",
        sources=(Source(MMU_GATHER_C + " (6.12)", "tlb_flush_mmu_free"),),
        evidence=Evidence.DERIVED,
        monitor=NotWithinItself(),
        status=ALWAYS,
    ),
)
