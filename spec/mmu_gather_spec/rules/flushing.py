# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The flush of a gather: when it comes, and in which order it does its work.

A gate skips the flush where nothing was unmapped since the last one; it must not skip one that is needed.  A flush
that comes invalidates, then hands its tables to RCU, then frees its pages; the arch's part of it only invalidates.

Whether it has reached every translation is not asked here: `ordering` asks that of each page that is freed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.events import AnyEvent, AtomicRead, Booted, CallRcu, Diverged, Enter, FreePages, Leave
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
    FLUSHERS,
    FREES,
    REMOVERS,
    Calls,
    calls_after,
    freed,
    inside,
    of_whole_mm,
)

TLB_H: Final = "include/asm-generic/tlb.h"

#: Flushes that are nothing else; tlb_remove_page() may free its page before it flushes (S6).
WHOLE_FLUSHES: Final = frozenset({"tlb_flush_mmu", "tlb_finish_mmu"})


def dirty_after(dirty: frozenset[str], event: AnyEvent, /) -> frozenset[str]:
    """The agents that have unmapped something since their last invalidation, after this event."""
    if not isinstance(event, Enter):
        return dirty
    if event.fn in REMOVERS:
        return dirty | {event.agent}
    return dirty - {event.agent} if event.fn in {"tlb_flush", *BEGINNERS} else dirty


class OrderState(NamedTuple):
    """Inside a flushing call: whether it has submitted tables, or freed pages, already."""

    calls: Calls
    submit: CallRcu | None
    free: FreePages | None
    #: agents that have unmapped something since their last invalidation
    dirty: frozenset[str]


class InvalidateSubmitFree(Monitor[OrderState]):
    """Inside one flushing call: first the invalidation, then the tables, then the pages."""

    reads = (*CALLS, CallRcu, FreePages)

    def initial(self, boot: Booted, /) -> OrderState:
        return OrderState((), None, None, frozenset())

    def step(self, state: OrderState, event: AnyEvent, /) -> OrderState | Violation:
        flushing = inside(state.calls, event.agent, FLUSHERS)
        match event:
            case Enter(fn="tlb_flush") if flushing and (state.submit or state.free):
                late = state.submit or state.free
                what = "a batch of tables was handed to RCU" if state.submit else "pages were freed"
                return Violation(f"{what} before the invalidation that should precede it", event, late)
            case CallRcu() if flushing:
                if event.agent in state.dirty:
                    return Violation("a flush hands its tables to RCU and has not invalidated", event)
                if state.free and state.free.pages:
                    return Violation("pages were freed before the tables were handed to RCU", event, state.free)
                return state._replace(submit=event)
            case FreePages() if flushing:
                if event.pages and event.agent in state.dirty and inside(state.calls, event.agent, WHOLE_FLUSHES):
                    return Violation("a flush frees its pages and has not invalidated", event)
                return state._replace(free=event)
        calls, dirty = calls_after(state.calls, event), dirty_after(state.dirty, event)
        if isinstance(event, Enter | Leave) and not inside(calls, event.agent, FLUSHERS):
            return OrderState(calls, None, None, dirty)
        return state._replace(calls=calls, dirty=dirty)


class Gate(NamedTuple):
    """Agents that have unmapped something since their last flush, and those that have flushed."""

    dirty: frozenset[str]
    flushed: frozenset[str]
    #: whether this flush is there only because of what the gather was filled with
    by_content: bool
    #: those that unmap a whole mm
    whole: frozenset[str] = frozenset()


class GateClosed(Monitor[Gate]):
    """No tlb_flush() unless something was unmapped since the last one."""

    reads = (Enter, AtomicRead, Diverged)

    def initial(self, boot: Booted, /) -> Gate:
        return Gate(frozenset(), frozenset(), False)

    def step(self, state: Gate, event: AnyEvent, /) -> Gate | Violation:
        match event:
            case AtomicRead(var="tlb_flush_pending"):
                # Another gather is pending, and may have unmapped what this one found clear.
                others = {event.agent} if event.value > 1 else frozenset[str]()
                return state._replace(dirty=state.dirty | others)
            case AtomicRead():
                return state
            case Diverged():
                return state._replace(by_content=event.extra_flush)
            case Enter(fn=fn) if fn in BEGINNERS:
                own = {event.agent}
                whole = state.whole | own if of_whole_mm(event) else state.whole - own
                return Gate(state.dirty - own, state.flushed - own, state.by_content, whole)
            case Enter(fn="tlb_flush") if event.agent not in state.dirty:
                excused = state.by_content and event.agent not in state.flushed
                reason = "a flush although nothing was unmapped since the last one"
                again = "S19" if event.agent in state.whole and event.agent in state.flushed else None
                return Violation(reason, event, erratum="S7" if excused else again)
            case Enter(fn="tlb_flush"):
                state = state._replace(flushed=state.flushed | {event.agent})
        return state._replace(dirty=dirty_after(state.dirty, event))


class GateOpen(Monitor[frozenset[str]]):
    """Whatever was unmapped, a flush comes before the gather is finished."""

    reads = CALLS

    def initial(self, boot: Booted, /) -> frozenset[str]:
        return frozenset()

    def step(self, state: frozenset[str], event: AnyEvent, /) -> frozenset[str] | Violation:
        if isinstance(event, Leave) and event.fn == "tlb_finish_mmu" and event.agent in state:
            return Violation("the gather ended without a flush for what it unmapped", event)
        return dirty_after(state, event)


class ArchOnlyInvalidates(Monitor[Calls]):
    """Inside tlb_flush() nothing is submitted and nothing is freed."""

    reads = (*CALLS, *FREES, CallRcu)

    def initial(self, boot: Booted, /) -> Calls:
        return ()

    def step(self, state: Calls, event: AnyEvent, /) -> Calls | Violation:
        flushing = inside(state, event.agent, frozenset({"tlb_flush"}))
        if flushing and isinstance(event, CallRcu):
            return Violation("the arch's tlb_flush submitted a batch of tables", event)
        if flushing and freed(event):
            return Violation("the arch's tlb_flush freed something", event)
        return calls_after(state, event)


RULES: Final = (
    Rule(
        id="order.invalidate-submit-free",
        row="A5",
        level=Level.MUST,
        sentence="A flush invalidates first, then hands its tables to RCU, then frees its pages.",
        sources=(Source(TLB_H, "tlb_flush(tlb); tlb_table_flush(tlb); free_pages_and_swap_cache", (339, 344)),),
        evidence=Evidence.SEED,
        monitor=InvalidateSubmitFree(),
        status=ALWAYS,
    ),
    Rule(
        id="order.gate-closed-when-clean",
        row="A6",
        level=Level.MUST,
        sentence="tlb_flush() is not called unless something was unmapped since the last flush of this gather.",
        sources=(
            Source(TLB_H, "Really unmapped some ptes?", (311, 311)),
            Source(TLB_H, "tlb->need_flush = 0", (338, 338)),
        ),
        evidence=Evidence.SEED,
        monitor=GateClosed(),
        status=over_time(
            {
                "v2.6.37": REQUIRED,
                "rfc-2010-base": as_written("S7"),
                "v3.0": REQUIRED,
                "v4.19": as_written("S19"),
                "v5.7": REQUIRED,
            }
        ),
    ),
    Rule(
        id="order.gate-open-when-dirty",
        row="A7",
        level=Level.MUST,
        sentence="After any removal of a page, a table or an entry, tlb_flush() is called before the gather ends.",
        sources=(Source("mm/memory.c", "tlb->need_flush = 1", (405, 405)),),
        evidence=Evidence.SEED,
        monitor=GateOpen(),
        status=ALWAYS,
    ),
    Rule(
        id="order.arch-flush-only-invalidates",
        row="A10",
        level=Level.MUST,
        sentence="The arch's tlb_flush() only invalidates: it submits no table and frees nothing.",
        sources=(
            Source("arch/powerpc/mm/tlb_hash32.c, tlb_hash64.c, tlb_nohash.c", "pte_free_finish(tlb)", (222, 251)),
        ),
        evidence=Evidence.SEED,
        monitor=ArchOnlyInvalidates(),
        status=over_time({"rfc-2010": REQUIRED}),
    ),
)  # fmt: skip
