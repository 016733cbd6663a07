# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What an invalidation has to come before, and what it must not do: laws that the eras added to the order.

A flush lets go of all that its gather was given, asks for one invalidation and not two, and never calls itself.  What
is freed at once, below two users or on UP, is not freed before it where hardware reads the Linux tables.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.arch import ARCHS
from mmu_gather_spec.events import (
    AnyEvent,
    AtomicRead,
    Booted,
    CallRcu,
    ClearPte,
    Enter,
    FreePages,
    Invalidate,
    Leave,
    NumOnlineCpus,
    Unlink,
)
from mmu_gather_spec.rule import (
    ALWAYS,
    REQUIRED,
    SUPERSEDED,
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
    PAGE_GIVERS,
    Calls,
    Tables,
    calls_after,
    freed,
    given,
    inside,
    of_whole_mm,
    pages_given,
)
from mmu_gather_spec.rules.translations import READS as TRANSLATIONS
from mmu_gather_spec.rules.translations import Stale, stale_after

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


class AtOnce(NamedTuple):
    """Tables that hardware may still be led to, the table that each agent gives, and who has seen few users."""

    unhooked: Tables
    giving: frozenset[tuple[str, int]]
    few_users: frozenset[str]
    levels: frozenset[str]
    #: whether the entry above a table is invalidated before it is queued
    entry_first: bool


class ShortcutAfterInvalidation(Monitor[AtOnce]):
    """Where hardware reads the Linux tables, the shortcut is no way around the invalidation.

    On Book3E the entry above a table is invalidated before the table is given: there the shortcut is no known defect.
    """

    reads = (Unlink, Invalidate, Enter, Leave, AtomicRead, *FREES)

    def initial(self, boot: Booted, /) -> AtOnce:
        levels = ARCHS[boot.arch].hw_walks_linux_tables
        return AtOnce(frozenset(), frozenset(), frozenset(), levels, boot.book3e)

    def step(self, state: AtOnce, event: AnyEvent, /) -> AtOnce | Violation:
        own = {event.agent}
        match event:
            case Unlink():
                read = ("pmd" if event.shift else "pte") in state.levels
                now = read and not state.entry_first
                return state._replace(unhooked=state.unhooked | {event.table}) if now else state
            case Invalidate(ind=True):
                return state._replace(unhooked=frozenset())
            case Enter() if (table := given(event)) is not None:
                if state.entry_first and event.fn == "pte_free_tlb":
                    # An indirect entry leads to a PTE page, and not to what is given in another way.
                    state = state._replace(unhooked=state.unhooked | {table})
                others = frozenset(entry for entry in state.giving if entry[0] != event.agent)
                return state._replace(giving=others | {(event.agent, table)}, few_users=state.few_users - own)
            case AtomicRead(var="mm_users", value=0 | 1) | AtomicRead(var="mm_cpumask", value=1):
                return state._replace(few_users=state.few_users | own)
            case Invalidate() | Enter() | Leave() | AtomicRead():
                return state
        early = state.unhooked.intersection(freed(event))
        if event.agent in state.few_users and any((event.agent, table) in state.giving for table in early):
            erratum = None if state.entry_first else "S1"
            return Violation("a table is freed at once, and hardware may still be led to it", event, erratum=erratum)
        return state._replace(unhooked=state.unhooked - early) if early else state


class OnUp(NamedTuple):
    """Tables that hardware may still be led to, and the levels that it reads."""

    unhooked: Tables
    levels: frozenset[str]


class FreedAfterInvalidation(Monitor[OnUp]):
    """On UP, too, what hardware may be led to is not freed."""

    reads = (Unlink, Invalidate, Enter, *FREES)

    def initial(self, boot: Booted, /) -> OnUp:
        return OnUp(frozenset(), ARCHS[boot.arch].hw_walks_linux_tables)

    def step(self, state: OnUp, event: AnyEvent, /) -> OnUp | Violation:
        match event:
            case Unlink():
                read = ("pmd" if event.shift else "pte") in state.levels
                return state._replace(unhooked=state.unhooked | {event.table}) if read else state
            case Invalidate():
                return state._replace(unhooked=frozenset()) if event.ind else state
            case Enter():
                # A table that is given by its arch directly is a directory of huge pages: no PTE page.
                huge = {given(event)} if event.fn == "pgtable_free_tlb" else set[int | None]()
                return state._replace(unhooked=state.unhooked - huge)
        early = state.unhooked.intersection(freed(event))
        if not early:
            return state
        erratum = "S6" if isinstance(event, FreePages) else None
        return Violation(
            "a table is freed that the hardware of the one CPU may still be led to", event, erratum=erratum
        )


class Alone(NamedTuple):
    """Whether one CPU was counted, and the pages whose translations may live on."""

    several: bool
    stale: Stale
    calls: Calls


class FastOnlyAlone(Monitor[Alone]):
    """A page is freed by the call that gives it, before the flush, only where one CPU was counted."""

    reads = (*TRANSLATIONS, *CALLS, FreePages, NumOnlineCpus, AtomicRead)

    def initial(self, boot: Booted, /) -> Alone:
        return Alone(False, frozenset(), ())

    def step(self, state: Alone, event: AnyEvent, /) -> Alone | Violation:
        match event:
            case NumOnlineCpus() | AtomicRead(var="num_possible_cpus"):
                return state._replace(several=event.value > 1)
            case ClearPte() | Invalidate():
                return state._replace(stale=stale_after(state.stale, event))
            case Enter() | Leave():
                return state._replace(calls=calls_after(state.calls, event))
            case FreePages() if state.several and inside(state.calls, event.agent, PAGE_GIVERS):
                if any(copy.page in event.pages for copy in state.stale):
                    return Violation("fast mode, and there are several CPUs", event)
        return state


def hardware_walks_on_up(boot: Booted, /) -> bool:
    """A machine with one CPU whose hardware reads the Linux tables."""
    return not boot.smp and bool(ARCHS[boot.arch].hw_walks_linux_tables)


def hardware_walks_on_smp(boot: Booted, /) -> bool:
    """An SMP machine that batches tables and whose hardware reads them."""
    arch = ARCHS[boot.arch]
    return boot.smp and arch.selects_table_batching and bool(arch.hw_walks_linux_tables)


TLB_H: Final = "include/asm-generic/tlb.h"
MMU_GATHER_C: Final = "mm/mmu_gather.c"
MEMORY_C: Final = "mm/memory.c"

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
    Rule(
        id="order.shortcut-after-invalidation",
        row="C4",
        level=Level.MUST,
        sentence="The shortcut below two users frees no table that hardware reads before it is invalidated.",
        sources=(Source(MEMORY_C, "there cannot be a concurrent page-table walk", (408, 409)),),
        evidence=Evidence.DERIVED,
        monitor=ShortcutAfterInvalidation(),
        status=over_time({"v2.6.37": as_written("S1"), "v4.19": SUPERSEDED}),
        applies=hardware_walks_on_smp,
        where="SMP architectures that batch tables and whose hardware reads them",
    ),
    Rule(
        id="order.up-frees-after-invalidation",
        row="C5",
        level=Level.MUST,
        sentence="On UP, too, a table that hardware may be led to is not freed before it is invalidated.",
        sources=(Source("arch/powerpc/include/asm/pgalloc.h, !CONFIG_SMP", "pgtable_free(table, shift)", (75, 78)),),
        evidence=Evidence.DERIVED,
        monitor=FreedAfterInvalidation(),
        status=over_time({"v2.6.37": as_written("S6"), "v4.19": REQUIRED}),
        applies=hardware_walks_on_up,
        where="UP, where hardware reads the Linux tables",
    ),
    Rule(
        id="order.fast-mode-alone",
        row="C6",
        level=Level.MUST,
        sentence="A page is freed at once, before the flush, only by a gather that counted one CPU.",
        sources=(Source(TLB_H, "tlb_fast_mode(tlb) 1", (260, 260)),),
        evidence=Evidence.RECONSTRUCTED,
        monitor=FastOnlyAlone(),
        status=over_time({"v2.6.37": REQUIRED, "v4.19": SUPERSEDED}),
    ),
)
