# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Hardware walkers: what they may still use, by a walk cache or a TLB, of what was unmapped.

Hardware asks nobody and disables nothing.  It may read any table that its walk cache leads to, and reach any
page that its TLB leads to, until that CPU's entry is invalidated; so for hardware the order alone protects:
unhook, invalidate, free.  Where hardware never reads the Linux tables (hash32, hash64, sparc64) the first rule has no
subject.  These rules are stated over the hardware's own events, as those of `walkers` are over software's.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.arch import ARCHS
from mmu_gather_spec.events import (
    Access,
    AnyEvent,
    AtomicRead,
    Booted,
    ClearPte,
    Enter,
    FreePages,
    HardwareLoad,
    Leave,
    NumOnlineCpus,
    SkipPte,
)
from mmu_gather_spec.rule import REQUIRED, Evidence, Level, Monitor, Rule, Source, Violation, as_written, over_time
from mmu_gather_spec.rules import freeing
from mmu_gather_spec.rules.freeing import Freeing, freeing_after
from mmu_gather_spec.rules.reading import BEGINNERS
from mmu_gather_spec.rules.translations import READS as TRANSLATIONS
from mmu_gather_spec.rules.translations import Stale, place, stale_after

#: The erratum that each way of freeing too early is.
ERRATA: Final = {freeing.SHORTCUT: "S1", freeing.FALLBACK: "S3", freeing.FULL: "S5", freeing.FAST: "S6"}


def hardware_walks(boot: Booted, /) -> bool:
    """Where the hardware reads the Linux tables, or caches what it has read of them."""
    return bool(ARCHS[boot.arch].hw_walks_linux_tables)


class Read(NamedTuple):
    """How tables were freed, and whether the entry above one is invalidated before it is queued."""

    freeing: Freeing
    entry_first: bool


class HardwareNeverFreed(Monitor[Read]):
    """The hardware never reads a table that was freed.

    On Book3E it reads through indirect entries, and each is invalidated before its table is queued: there no way of
    freeing too early is a known defect.
    """

    reads = (*freeing.READS, HardwareLoad)

    def initial(self, boot: Booted, /) -> Read:
        return Read(freeing.NOTHING, boot.book3e)

    def step(self, state: Read, event: AnyEvent, /) -> Read | Violation:
        if not isinstance(event, HardwareLoad):
            after = freeing_after(state.freeing, event)
            return state if after is state.freeing else Read(after, state.entry_first)
        how = state.freeing.how(event.table)
        if how is None:
            return state
        erratum = None if state.entry_first else ERRATA.get(how)
        return Violation("the hardware reads a table that was freed", event, erratum=erratum)

    def about(self, event: AnyEvent, /) -> frozenset[int] | None:
        return frozenset({event.table}) if isinstance(event, HardwareLoad) else freeing.about(event)


class PageUse(NamedTuple):
    """Pages of user data that were let go, and whether one CPU was counted when the gather began."""

    freed: frozenset[tuple[int, bool]]
    single: bool


class NoAccessToFreed(Monitor[PageUse]):
    """No access reaches a page that was freed."""

    reads = (NumOnlineCpus, AtomicRead, FreePages, Access)

    def initial(self, boot: Booted, /) -> PageUse:
        return PageUse(frozenset(), not boot.smp)

    def step(self, state: PageUse, event: AnyEvent, /) -> PageUse | Violation:
        match event:
            case NumOnlineCpus() | AtomicRead(var="num_possible_cpus"):
                return state._replace(single=event.value == 1)
            case FreePages():
                return state._replace(freed=state.freed.union((page, state.single) for page in event.pages))
            case Access():
                for page, single in state.freed:
                    if page == event.page:
                        reason = "an access reaches a page that was freed"
                        return Violation(reason, event, erratum="S6" if single else None)
        return state

    def about(self, event: AnyEvent, /) -> frozenset[int] | None:
        match event:
            case FreePages():
                return frozenset(event.pages)
            case Access():
                return frozenset({event.page})
        return None


class InRange(NamedTuple):
    """Where translations live on, and which addresses each gather has been over."""

    stale: Stale
    over: frozenset[tuple[str, int]]


class NothingStaleInRange(Monitor[InRange]):
    """When a gather ends, nothing is stale where it has been, whoever unmapped it."""

    reads = (*TRANSLATIONS, SkipPte, Enter, Leave)

    def initial(self, boot: Booted, /) -> InRange:
        return InRange(frozenset(), frozenset())

    def step(self, state: InRange, event: AnyEvent, /) -> InRange | Violation:
        match event:
            case ClearPte() | SkipPte():
                over = state.over | {(event.agent, event.addr)}
                return InRange(stale_after(state.stale, event), over)
            case Enter(fn=fn) if fn in BEGINNERS:
                return state._replace(over=self._without(state, event.agent))
            case Leave(fn="tlb_finish_mmu"):
                return self._finish(state, event)
            case Enter() | Leave():
                return state
        return state._replace(stale=stale_after(state.stale, event))

    def _finish(self, state: InRange, event: Leave) -> InRange | Violation:
        for copy in sorted(state.stale):
            if (event.agent, copy.addr) in state.over:
                reason = f"{place(copy.cpu)} may still hold a translation in the range of a gather that has ended"
                return Violation(reason, event, erratum=None if copy.agent == event.agent else "S13")
        return state._replace(over=self._without(state, event.agent))

    @staticmethod
    def _without(state: InRange, agent: str) -> frozenset[tuple[str, int]]:
        return frozenset(entry for entry in state.over if entry[0] != agent)


TLB_H: Final = "include/asm-generic/tlb.h"
MEMORY_C: Final = "mm/memory.c"

RULES: Final = (
    Rule(
        id="walk.hardware-never-a-freed-table",
        row="A3",
        level=Level.MUST,
        sentence="Where hardware reads the Linux tables, it never reads one that was freed.",
        sources=(
            Source(TLB_H, "unlink the page, flush TLBs, free the page", (273, 276)),
            Source("mm/mmu_gather.c (6.12)", "Invalidate page-table caches used by hardware walkers"),
        ),
        evidence=Evidence.KERNEL,
        monitor=HardwareNeverFreed(),
        status=over_time(
            {
                "v2.6.37": as_written("S1", "S3", "S6"),
                "rfc-2010-base": as_written("S1", "S3", "S5", "S6"),
                "v4.19": as_written("S3", "S5"),
                "v5.7": REQUIRED,
            }
        ),
        applies=hardware_walks,
        where="architectures whose hardware reads the Linux tables",
    ),
    Rule(
        id="walk.no-access-to-a-freed-page",
        row="A2",
        level=Level.MUST,
        sentence="No access through a translation reaches a page of user data that was freed.",
        sources=(
            Source(TLB_H, "tlb_fast_mode(tlb) 1", (260, 260)),
            Source(TLB_H + " (6.12)", "no live translations left"),
        ),
        evidence=Evidence.RECONSTRUCTED,
        monitor=NoAccessToFreed(),
        status=over_time({"v2.6.37": as_written("S6"), "v4.19": REQUIRED}),
    ),
    Rule(
        id="order.nothing-stale-in-its-range",
        row="G5",
        level=Level.MUST,
        sentence=(
            "When tlb_finish_mmu() returns, no translation is in use any more for an address that its caller cleared "
            "or found clear."
        ),
        sources=(Source("mm/mmu_gather.c (6.12), tlb_finish_mmu", "defer TLB flush by batching"),),
        evidence=Evidence.KERNEL,
        monitor=NothingStaleInRange(),
        status=over_time({"v2.6.37": as_written("S13"), "v4.19": REQUIRED}),
    ),
)
