# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Unhook, invalidate, free: in this order, and nothing between that undoes it.

The oldest part of the law.  A page or a table that somebody can still reach, through an entry or
through a cached translation, must not be freed; the gate that skips needless flushes must
not skip a needed one.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.events import (
    AnyEvent,
    AtomicRead,
    Booted,
    CallRcu,
    ClearPte,
    Diverged,
    Enter,
    FreePage,
    FreePages,
    KmemCacheFree,
    Leave,
    NumOnlineCpus,
    Unlink,
)
from mmu_gather_spec.rule import (
    ALWAYS,
    REQUIRED,
    Binds,
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
    Tables,
    calls_after,
    freed,
    inside,
    of_whole_mm,
    pages_given,
)
from mmu_gather_spec.rules.translations import READS as TRANSLATIONS
from mmu_gather_spec.rules.translations import Stale, of_gather, place, stale_after

TLB_H: Final = "include/asm-generic/tlb.h"


class Unhooked(Monitor[Tables]):
    """What was unhooked so far; giving anything else is the caller's fault."""

    reads = (Unlink, ClearPte, Enter)

    def initial(self, boot: Booted, /) -> Tables:
        return frozenset()

    def step(self, state: Tables, event: AnyEvent, /) -> Tables | Violation:
        match event:
            case Unlink():
                return state | {event.table}
            case ClearPte():
                return state | {event.page}
            case Enter() if pages := pages_given(event):
                return state if state.issuperset(pages) else Violation("a page that is still mapped", event)
            case Enter(fn="pte_free_tlb" | "pmd_free_tlb" | "pgtable_free_tlb"):
                if event.args[1] in state:
                    return state
                return Violation("a table that its parent entry still points to", event)
            case _:
                return state


class PagesState(NamedTuple):
    """For pages: where translations live on, and whether one CPU was counted."""

    stale: Stale
    single: bool


class PageAfterFlush(Monitor[PagesState]):
    """No page is let go while a translation to it may live on."""

    reads = (*TRANSLATIONS, *FREES, NumOnlineCpus, AtomicRead)

    def initial(self, boot: Booted, /) -> PagesState:
        return PagesState(frozenset(), not boot.smp)

    def step(self, state: PagesState, event: AnyEvent, /) -> PagesState | Violation:
        match event:
            case FreePages() | FreePage() | KmemCacheFree():
                gone = freed(event)
                for copy in sorted(state.stale):
                    if copy.page in gone:
                        reason = f"{place(copy.cpu)} may still translate to a page that is freed"
                        return Violation(reason, event, erratum="S6" if state.single else None)
                return state
            case NumOnlineCpus() | AtomicRead(var="num_possible_cpus"):
                return state._replace(single=event.value == 1)
            case _:
                return state._replace(stale=stale_after(state.stale, event))


class NothingStale(Monitor[Stale]):
    """When the gather is finished no translation for what it unmapped may live on."""

    reads = (*TRANSLATIONS, Leave)

    def initial(self, boot: Booted, /) -> Stale:
        return frozenset()

    def step(self, state: Stale, event: AnyEvent, /) -> Stale | Violation:
        if isinstance(event, Leave):
            if event.fn == "tlb_finish_mmu" and (left := of_gather(state, event.agent)):
                return Violation(f"{place(left[0])} may still hold a translation that was unmapped", event)
            return state
        return stale_after(state, event)


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
        id="order.unhooked-before-given",
        row="A1",
        level=Level.MUST,
        sentence="A table or page is unhooked from every entry above it before it is given to the gather.",
        sources=(
            Source(TLB_H, "unlink the page, flush TLBs, free the page", (273, 276)),
        ),
        evidence=Evidence.SEED,
        monitor=Unhooked(),
        status=ALWAYS,
        binds=Binds.CALLER,
    ),
    Rule(
        id="order.page-freed-after-flush",
        row="A2",
        level=Level.MUST,
        sentence="A page of user data is not freed while any translation to it may still be in use.",
        sources=(
            Source(TLB_H, "tlb_fast_mode(tlb) 1", (260, 260)),
            Source(TLB_H + " (6.12)", "no live translations left"),
        ),
        evidence=Evidence.RECONSTRUCTED,
        monitor=PageAfterFlush(),
        status=over_time({"v2.6.37": as_written("S6"), "v4.19": REQUIRED}),
    ),
    Rule(
        id="order.nothing-stale-after-finish",
        row="A7",
        level=Level.MUST,
        sentence="When tlb_finish_mmu() returns, no translation for what the gather unmapped is in use any more.",
        sources=(Source("Documentation/core-api/cachetlb.rst", "flush_tlb_mm: no entries in the TLB"),),
        evidence=Evidence.DERIVED,
        monitor=NothingStale(),
        status=ALWAYS,
    ),
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
