# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a gather keeps since it is more than a list: a range, a page size, and that it is pending on its mm.

A flush covers all that was unmapped since the last one, with the walk caches where a table went; and others can see
that it has not come yet.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.arch import ARCHS, Encoding
from mmu_gather_spec.events import AnyEvent, Booted, Enter, FreePages, Invalidate, Leave, TlbFlushPending
from mmu_gather_spec.rule import REQUIRED, Evidence, Level, Monitor, Rule, Source, Violation, over_time
from mmu_gather_spec.rules.reading import BEGINNERS, CALLS, REMOVERS, Calls, calls_after, given, inside, of_whole_mm
from mmu_gather_spec.rules.translations import READS as TRANSLATIONS
from mmu_gather_spec.rules.translations import Stale, in_use, place, stale_after

FLUSH: Final = frozenset({"tlb_flush"})


class Pending(Monitor[tuple[frozenset[str], frozenset[str]]]):
    """From its beginning to its last flush a gather is counted as pending on its mm."""

    reads = (*CALLS, TlbFlushPending)

    def initial(self, boot: Booted, /) -> tuple[frozenset[str], frozenset[str]]:
        return frozenset(), frozenset()

    def step(
        self, state: tuple[frozenset[str], frozenset[str]], event: AnyEvent, /
    ) -> tuple[frozenset[str], frozenset[str]] | Violation:
        pending, opened = state
        own = {event.agent}
        match event:
            case TlbFlushPending():
                return (pending | own if event.pending else pending - own), opened
            case Leave(fn=fn) if fn in BEGINNERS:
                if event.agent not in pending:
                    return Violation("a gather has begun and is not counted as pending", event)
                return pending, opened | own
            case Enter(fn="tlb_flush") if event.agent in opened and event.agent not in pending:
                return Violation("a gather flushes when it is not counted as pending any more", event)
            case Leave(fn="tlb_finish_mmu"):
                if event.agent in pending:
                    return Violation("a gather has ended and is still counted as pending", event)
                return pending, opened - own
        return state


class Sized(NamedTuple):
    """The page size that each agent unmaps, who has unmapped something since its last flush, and who a whole mm."""

    sizes: frozenset[tuple[str, int]]
    dirty: frozenset[str]
    whole: frozenset[str]


class OnePageSize(Monitor[Sized]):
    """When entries of another size come, those before have been flushed."""

    reads = CALLS

    def initial(self, boot: Booted, /) -> Sized:
        return Sized(frozenset(), frozenset(), frozenset())

    def step(self, state: Sized, event: AnyEvent, /) -> Sized | Violation:
        own = {event.agent}
        match event:
            case Enter(fn=fn) if fn in BEGINNERS:
                whole = state.whole | own if of_whole_mm(event) else state.whole - own
                return Sized(self._other(state, event.agent), state.dirty - own, whole)
            case Enter(fn="tlb_change_page_size", args=(_, int(size))):
                same = (event.agent, size) in state.sizes
                sizes = self._other(state, event.agent) | {(event.agent, size)}
                # What was unmapped before the first size was named has that size.
                known = any(agent == event.agent for agent, _ in state.sizes)
                return state._replace(sizes=sizes, dirty=state.dirty - own if same or not known else state.dirty)
            case Leave(fn="tlb_change_page_size") if event.agent in state.dirty - state.whole:
                return Violation("entries of another page size come, and those before were not flushed", event)
            case Enter(fn="tlb_flush"):
                return state._replace(dirty=state.dirty - own)
            case Enter(fn=fn) if fn in REMOVERS:
                return state._replace(dirty=state.dirty | own)
        return state

    @staticmethod
    def _other(state: Sized, agent: str) -> frozenset[tuple[str, int]]:
        return frozenset(entry for entry in state.sizes if entry[0] != agent)


class Noted(NamedTuple):
    """Open calls, the addresses that each agent has noted and not dropped yet, and who is flushing by range."""

    calls: Calls
    addresses: frozenset[tuple[str, int]]
    ranged: frozenset[str]


class RangeCovers(Monitor[Noted]):
    """The range that a flush invalidates, be it in steps, holds every address that was noted since the last one."""

    reads = (*CALLS, Invalidate)

    def initial(self, boot: Booted, /) -> Noted:
        return Noted((), frozenset(), frozenset())

    def step(self, state: Noted, event: AnyEvent, /) -> Noted | Violation:
        match event:
            case Invalidate():
                if not inside(state.calls, event.agent, FLUSH):
                    return state
                ranged = state.ranged if event.span is None else state.ranged | {event.agent}
                return self._without(state, event)._replace(ranged=ranged)
            case Enter(fn="tlb_remove_tlb_entry" | "pte_free_tlb" | "pmd_free_tlb", args=(_, _, int(address))):
                state = state._replace(addresses=state.addresses | {(event.agent, address)})
            case Leave(fn="tlb_flush"):
                left = sorted(address for agent, address in state.addresses if agent == event.agent)
                if left and event.agent in state.ranged:
                    return Violation(f"a flush leaves out {left[0]:#x}, which was unmapped", event)
                state = self._begun(state, event.agent)
            case Enter(fn=fn) if fn in BEGINNERS:
                state = self._begun(state, event.agent)
        return state._replace(calls=calls_after(state.calls, event))

    @staticmethod
    def _without(state: Noted, event: Invalidate) -> Noted:
        """What the gather had noted and this drops is noted no more."""
        return state._replace(
            addresses=frozenset(
                (agent, address)
                for agent, address in state.addresses
                if agent != event.agent or not event.covers(address)
            )
        )

    @staticmethod
    def _begun(state: Noted, agent: str) -> Noted:
        """Nothing is noted yet."""
        left = frozenset(entry for entry in state.addresses if entry[0] != agent)
        return state._replace(addresses=left, ranged=state.ranged - {agent})


class Walked(NamedTuple):
    """Who has freed a table since its last flush, and who has dropped walk caches within this one."""

    freed: frozenset[str]
    dropped: frozenset[str]


class WalkCachesToo(Monitor[Walked]):
    """A flush behind a table that was given drops the walk caches, not only translations.

    Who drops all of a context does it for every gather on it.
    """

    reads = (*CALLS, Invalidate)

    def initial(self, boot: Booted, /) -> Walked:
        return Walked(frozenset(), frozenset())

    def step(self, state: Walked, event: AnyEvent, /) -> Walked | Violation:
        own = {event.agent}
        match event:
            case Enter(fn="tlb_flush"):
                return state._replace(dropped=state.dropped - own)
            case Invalidate():
                # Where a flush is an IPI it is its handler that drops them.
                who = own if event.agent != "ipi" else state.freed
                others = state.freed - own if event.op == "flush_tlb_bcast" else frozenset[str]()
                return Walked(state.freed - others, state.dropped | who) if event.ind else state
            case Leave(fn="tlb_flush") if event.agent in state.freed - state.dropped:
                return Violation("a table was freed, and the flush has left the walk caches as they were", event)
            case Leave(fn="tlb_flush"):
                return Walked(state.freed - own, state.dropped - own)
            case Enter() if given(event) is not None:
                return state._replace(freed=state.freed | own)
        return state


class GoneWithItsEntry(Monitor[Stale]):
    """Nobody is told of an entry, and no page of it is freed, while a CPU may use its translation.

    It is gone, or flush_mm is set and the mm attached to the clearing CPU alone.
    """

    reads = (*TRANSLATIONS, Enter, FreePages)

    def initial(self, boot: Booted, /) -> Stale:
        return frozenset()

    def step(self, state: Stale, event: AnyEvent, /) -> Stale | Violation:
        if isinstance(event, FreePages) or (isinstance(event, Enter) and event.fn == "tlb_remove_tlb_entry"):
            left = [copy.cpu for copy in in_use(state) if copy.agent == event.agent]
            if left:
                return Violation(f"an entry was cleared, and {place(left[0])} may still hold it", event)
            return state
        return state if isinstance(event, Enter) else stale_after(state, event)


def powerpc(boot: Booted, /) -> bool:
    """Where entries of one size are flushed together: powerpc."""
    arch = ARCHS[boot.arch]
    return arch.encoding is Encoding.SHIFT and boot.arch not in ("ipi", "hardware-walker")


def caches_upper_levels(boot: Booted, /) -> bool:
    """Where hardware reads the upper levels, too, so that a flush has to take them along."""
    return "pmd" in ARCHS[boot.arch].hw_walks_linux_tables


def is_s390(boot: Booted, /) -> bool:
    """s390 only."""
    return boot.arch == "s390"


TLB_H: Final = "include/asm-generic/tlb.h (6.12)"
MMU_GATHER_C: Final = "mm/mmu_gather.c (6.12)"

RULES: Final = (
    Rule(
        id="gather.pending-while-open",
        row="G6",
        level=Level.MUST,
        sentence="A gather is counted in tlb_flush_pending from its beginning until its last flush is done.",
        sources=(Source(MMU_GATHER_C, "inc_tlb_flush_pending(tlb->mm)"),),
        evidence=Evidence.KERNEL,
        monitor=Pending(),
        status=over_time({"v4.19": REQUIRED}),
    ),
    Rule(
        id="gather.one-page-size-per-flush",
        row="G8",
        level=Level.MUST,
        sentence="Where an architecture flushes by page size, a change of it flushes first, unless the whole mm goes.",
        sources=(Source(TLB_H + ", tlb_change_page_size", "tlb->page_size != page_size"),),
        evidence=Evidence.KERNEL,
        monitor=OnePageSize(),
        status=over_time({"v5.7": REQUIRED}),
        applies=powerpc,
        where="powerpc",
    ),
    Rule(
        id="gather.range-covers",
        row="G9",
        level=Level.MUST,
        sentence="The range that a flush invalidates holds every address that was unmapped since the last flush.",
        sources=(Source(TLB_H + ", __tlb_adjust_range", "tlb->start = min(tlb->start, address)"),),
        evidence=Evidence.KERNEL,
        monitor=RangeCovers(),
        status=over_time({"v4.19": REQUIRED}),
    ),
    Rule(
        id="gather.freed-tables-known",
        row="G10",
        level=Level.MUST,
        sentence="A flush behind a table that was given drops the walk caches as well, of a whole mm, too.",
        sources=(Source(TLB_H, "we have removed page directories"),),
        evidence=Evidence.KERNEL,
        monitor=WalkCachesToo(),
        status=over_time({"v4.19": REQUIRED}),
        applies=caches_upper_levels,
        where="architectures whose hardware reads the upper levels",
    ),
    Rule(
        id="arch.s390-entry-goes-when-cleared",
        row="H10",
        level=Level.MUST,
        sentence=(
            "On s390 an entry is invalidated on every CPU when it is cleared; the flush may do it only where the mm is "
            "attached to the clearing CPU alone and flush_mm is set."
        ),
        sources=(
            Source("arch/s390/include/asm/tlb.h (6.12)", "INVALIDATE PAGE TABLE ENTRY"),
            Source("arch/s390/mm/pgtable.c (6.12), ptep_flush_lazy", "mm->context.cpu_attach_mask"),
        ),
        evidence=Evidence.KERNEL,
        monitor=GoneWithItsEntry(),
        status=over_time({"v5.7": REQUIRED}),
        applies=is_s390,
        where="s390",
    ),
)
