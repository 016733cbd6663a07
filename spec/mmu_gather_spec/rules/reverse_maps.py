# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Reverse maps: what others find a page by does not go while somebody may still reach the page.

Who takes a page away, or takes it for clean, looks for its mappings first.  A mapping that cannot be found any
more and is still in a TLB is one that he has missed.  The first two rules ask for an order of a gather's own steps.
The third says what that order is for, and takes somebody who looks, and somebody who still reaches the page.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.events import (
    Access,
    AnyEvent,
    Booted,
    ClearPte,
    DetachVma,
    Enter,
    FindMapping,
    FreePages,
    RemoveRmap,
)
from mmu_gather_spec.rule import (
    REQUIRED,
    Evidence,
    Level,
    Monitor,
    Rule,
    Source,
    Violation,
    as_written,
    on_smp,
    over_time,
)
from mmu_gather_spec.rules.reading import Tables, freed, pages_given
from mmu_gather_spec.rules.translations import READS as TRANSLATIONS
from mmu_gather_spec.rules.translations import Stale, in_use, of_gather, place, stale_after


class Uncounted(NamedTuple):
    """Where translations live on, and pages that are counted: they were given to a gather since they were unmapped."""

    stale: Stale
    counted: Tables


class FlushedBeforeDetach(Monitor[Uncounted]):
    """A mapping of pages that nobody counts leaves the reverse maps without a live translation."""

    reads = (*TRANSLATIONS, Enter, DetachVma)

    def initial(self, boot: Booted, /) -> Uncounted:
        return Uncounted(frozenset(), frozenset())

    def step(self, state: Uncounted, event: AnyEvent, /) -> Uncounted | Violation:
        match event:
            case DetachVma():
                uncounted = frozenset(copy for copy in state.stale if copy.page not in state.counted)
                if event.pfn and (left := of_gather(uncounted, event.agent)):
                    reason = f"a VMA of pages that nobody counts is detached, and {place(left[0])} may still reach them"
                    return Violation(reason, event, erratum="S14")
                return state
            case Enter():
                return state._replace(counted=state.counted.union(pages_given(event)))
            case ClearPte():
                state = state._replace(counted=state.counted - {event.page})
        return state._replace(stale=stale_after(state.stale, event))


class RmapAfterFlush(Monitor[Stale]):
    """A dirty page keeps its reverse map as long as it can be written to: on s390 nobody does through an idle place."""

    reads = (*TRANSLATIONS, RemoveRmap)

    def initial(self, boot: Booted, /) -> Stale:
        return frozenset()

    def step(self, state: Stale, event: AnyEvent, /) -> Stale | Violation:
        if isinstance(event, RemoveRmap):
            left = sorted(copy.cpu for copy in in_use(state) if event.dirty and copy.page in event.pages)
            if left:
                reason = f"a dirty page can no longer be found, and {place(left[0])} may still write to it"
                return Violation(reason, event, erratum="S15")
            return state
        return stale_after(state, event)


class Mapped(NamedTuple):
    """Pages whose reverse map was left to the gather, and pages that have none any more."""

    left: Tables
    gone: Tables


class RmapBeforeFree(Monitor[Mapped]):
    """A reverse map that was left to the gather goes once, and before its page is freed."""

    reads = (Enter, ClearPte, RemoveRmap, FreePages)

    def initial(self, boot: Booted, /) -> Mapped:
        return Mapped(frozenset(), frozenset())

    def step(self, state: Mapped, event: AnyEvent, /) -> Mapped | Violation:
        match event:
            case Enter(args=(*_, 1)):
                return state._replace(left=state.left.union(pages_given(event)))
            case Enter():
                return state
            case ClearPte():
                # It was mapped once more since.
                return Mapped(state.left - {event.page}, state.gone - {event.page})
            case RemoveRmap():
                if state.gone.intersection(event.pages):
                    return Violation("the reverse map of a page is removed twice", event)
                return Mapped(state.left.difference(event.pages), state.gone.union(event.pages))
        pages = frozenset(freed(event))
        if state.left & pages:
            return Violation("a page is freed, and can still be found by its reverse map", event)
        return Mapped(state.left, state.gone - pages) if state.gone & pages else state

    def about(self, event: AnyEvent, /) -> frozenset[int] | None:
        match event:
            case Enter():
                return frozenset(pages_given(event))
            case ClearPte():
                return frozenset({event.page})
            case RemoveRmap():
                return frozenset(event.pages)
        return frozenset(freed(event))


class Lookups(NamedTuple):
    """Pages that no reverse map leads to, whose mapping was missed, and which gather has unmapped what."""

    unmapped: frozenset[tuple[str, int]]
    #: of VMAs that were detached while nobody counts their pages; of pages that were dirty; of pages that were clean
    detached: frozenset[int]
    dirty: frozenset[int]
    clean: frozenset[int]
    #: pages that somebody has taken for unmapped, and by which defect
    missed: frozenset[tuple[int, str]]


class NotReachedWhenMissed(Monitor[Lookups]):
    """Who looks for the mappings of a page, and finds none, may take it for one that nobody reaches.

    A clean page is no harm: to write to it, the hardware would have to find it mapped.
    """

    reads = (ClearPte, DetachVma, RemoveRmap, FindMapping, Access)

    def initial(self, boot: Booted, /) -> Lookups:
        return Lookups(frozenset(), frozenset(), frozenset(), frozenset(), frozenset())

    def step(self, state: Lookups, event: AnyEvent, /) -> Lookups | Violation:
        match event:
            case ClearPte():
                return state._replace(unmapped=state.unmapped | {(event.agent, event.page)})
            case DetachVma(pfn=True):
                gone = {page for agent, page in state.unmapped if agent == event.agent}
                return state._replace(detached=state.detached | gone)
            case RemoveRmap(dirty=True):
                return state._replace(dirty=state.dirty.union(event.pages))
            case RemoveRmap():
                return state._replace(clean=state.clean.union(event.pages))
            case FindMapping(found=False) if event.page not in state.clean:
                return state._replace(missed=state.missed | {(event.page, _missed_by(state, event.page))})
            case Access():
                for page, erratum in sorted(state.missed):
                    if page == event.page:
                        reason = "an access reaches a page that somebody has taken for unmapped"
                        return Violation(reason, event, erratum=erratum or None)
        return state

    def about(self, event: AnyEvent, /) -> frozenset[int] | None:
        match event:
            case RemoveRmap():
                return frozenset(event.pages)
            case ClearPte() | FindMapping() | Access():
                return frozenset({event.page})
        return None


def _missed_by(state: Lookups, page: int) -> str:
    """Which known defect it is that no reverse map leads to a page."""
    return "S14" if page in state.detached else "S15" if page in state.dirty else ""


TLB_H: Final = "include/asm-generic/tlb.h"
MMU_GATHER_C: Final = "mm/mmu_gather.c"

RULES: Final = (
    Rule(
        id="order.pfn-flushed-before-detach",
        row="A13",
        level=Level.MUST,
        sentence=(
            "A VMA whose pages the mm keeps no count of is flushed before it leaves the reverse maps: its owner would "
            "take the pages for unmapped."
        ),
        sources=(Source(TLB_H + " (6.12), tlb_end_vma", "VM_PFNMAP is more fragile"),),
        evidence=Evidence.KERNEL,
        monitor=FlushedBeforeDetach(),
        status=over_time({"v2.6.37": as_written("S14"), "v6.1": REQUIRED}),
    ),
    Rule(
        id="order.rmap-removed-after-flush",
        row="A14",
        level=Level.MUST,
        sentence="A dirty page keeps its reverse map until no translation is left through which it may be written to.",
        sources=(Source(MMU_GATHER_C + " (6.12), tlb_flush_rmaps", "after we have flushed the TLB"),),
        evidence=Evidence.KERNEL,
        monitor=RmapAfterFlush(),
        status=over_time({"v2.6.37": as_written("S15"), "v6.12": REQUIRED}),
        applies=on_smp,
        where="SMP",
    ),
    Rule(
        id="order.rmap-removed-before-free",
        row="A14",
        level=Level.MUST,
        sentence="A page whose reverse map was left to the gather loses it once, and before it is freed.",
        sources=(Source(MMU_GATHER_C + " (6.12), tlb_flush_rmap_batch", "folio_remove_rmap_ptes"),),
        evidence=Evidence.KERNEL,
        monitor=RmapBeforeFree(),
        status=over_time({"v6.12": REQUIRED}),
    ),
    Rule(
        id="walk.no-access-to-a-page-taken-back",
        row="A13",
        level=Level.MUST,
        sentence=(
            "Once somebody has looked through the reverse maps for the mappings of a page, and has found none, nobody "
            "writes to it through a translation."
        ),
        sources=(
            Source(TLB_H + " (6.12), tlb_end_vma", "VM_PFNMAP is more fragile"),
            Source(MMU_GATHER_C + " (6.12), tlb_flush_rmaps", "after we have flushed the TLB"),
        ),
        evidence=Evidence.DERIVED,
        monitor=NotReachedWhenMissed(),
        status=over_time({"v2.6.37": as_written("S14", "S15"), "v6.1": as_written("S15"), "v6.12": REQUIRED}),
        applies=on_smp,
        where="SMP",
    ),
)
