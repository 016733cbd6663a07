# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Progress: memory pressure may make freeing slow, but never wrong and never stuck.

The storage for a batch is allocated deep inside mm code and can fail; every removal must succeed all
the same.  And what was removed is freed at last, whatever way it took.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.events import (
    AnyEvent,
    Booted,
    Bug,
    ClearPte,
    Enter,
    FreePages,
    GetFreePage,
    GracePeriod,
    Irqs,
    Leave,
    Preempt,
    Quiescent,
    SmpCallFunction,
)
from mmu_gather_spec.pgtable_index import has_index, kinds
from mmu_gather_spec.rule import ALWAYS, REQUIRED, Evidence, Level, Monitor, Rule, Source, Violation, over_time
from mmu_gather_spec.rules.reading import FREES, INDEX_BITS, PAGE_GIVERS, Tables, freed, given, pages_given

#: Slots for pages in the gather itself, struct page *local[8].
LOCAL: Final = 8
#: How many of them a run of pages takes: one for its first page, one for how many there are.
RUN: Final = 2


class Pending(NamedTuple):
    """Tables that were given and not freed, whether an allocation failed, and whether BUG ended it."""

    tables: Tables
    failed: bool
    ended: bool


class _AllFreed(Monitor[Pending]):
    """Follows tables until nothing is under way any more."""

    reads = (*FREES, Enter, GetFreePage, Bug, Quiescent)
    #: whether this monitor speaks about runs in which an allocation failed
    after_failure: bool
    reason: str

    def initial(self, boot: Booted, /) -> Pending:
        return Pending(frozenset(), False, False)

    def step(self, state: Pending, event: AnyEvent, /) -> Pending | Violation:
        match event:
            case GetFreePage():
                return state._replace(failed=state.failed or event.page is None)
            case Bug():
                return state._replace(ended=True)
            case Quiescent():
                lost = state.tables and not state.ended and state.failed is self.after_failure
                return Violation(self.reason, event) if lost else state
        table = given(event)
        if table is not None:
            return state._replace(tables=state.tables | {table})
        gone = freed(event)
        return state._replace(tables=state.tables.difference(gone)) if gone else state

    def about(self, event: AnyEvent, /) -> frozenset[int] | None:
        if isinstance(event, GetFreePage | Bug | Quiescent):
            return None
        table = given(event)
        return frozenset(freed(event)) if table is None else frozenset({table})


class EveryAllocationFailing(_AllFreed):
    """Removal succeeds even when no batch can be had."""

    after_failure = True
    reason = "an allocation failed, and a table was never freed"


class EventuallyFreed(_AllFreed):
    """What was given is freed at last."""

    after_failure = False
    reason = "a table was never freed"


class MayWait(Monitor[frozenset[str]]):
    """Nobody broadcasts and waits where interrupts cannot arrive, nor sleeps where it may not.

    The state is the agents that have IRQs or preemption off.
    """

    reads = (SmpCallFunction, GracePeriod, Irqs, Preempt)

    def initial(self, boot: Booted, /) -> frozenset[str]:
        return frozenset()

    def step(self, state: frozenset[str], event: AnyEvent, /) -> frozenset[str] | Violation:
        own = {event.agent}
        match event:
            case Irqs() | Preempt():
                open_ = event.depth > 0 if isinstance(event, Preempt) else not event.on
                return state | own if open_ else state - own
            case GracePeriod(head=0) if event.agent in state | {"softirq", "ipi"}:
                return Violation("a grace period is waited for by a task that may not sleep", event)
        if isinstance(event, SmpCallFunction) and event.wait and (not event.irqs_on or event.agent == "ipi"):
            return Violation(
                "an IPI is waited for with IRQs off or in an interrupt: two CPUs can wait for each other", event
            )
        return state


class Slots(NamedTuple):
    """Pages that were given and not freed, by gather, and whether a page of slots was ever had.

    A run of pages takes two slots: its third page and the others behind it take none.
    """

    pages: frozenset[tuple[int, str, bool]]
    mapped: Tables
    had_page: bool

    def of(self, agent: str, /) -> int:
        """How many slots one gather has filled."""
        return sum(1 for _, who, slot in self.pages if who == agent and slot)

    def slots(self, pages: tuple[int, ...], /) -> int:
        """How many slots these pages took."""
        return len(pages) - sum(1 for page, _, slot in self.pages if page in pages and not slot)


class PagesWithoutAPage(Monitor[Slots]):
    """Without a page of slots the gather makes do with its own eight, and loses nothing."""

    reads = (*FREES, ClearPte, Enter, Leave, GetFreePage)

    def initial(self, boot: Booted, /) -> Slots:
        return Slots(frozenset(), frozenset(), False)

    def step(self, state: Slots, event: AnyEvent, /) -> Slots | Violation:
        match event:
            case ClearPte():
                return state._replace(mapped=state.mapped | {event.page})
            case GetFreePage():
                return state._replace(had_page=state.had_page or event.page is not None)
            case Enter(fn=fn) if fn in PAGE_GIVERS:
                mapped = [page for page in pages_given(event) if page in state.mapped]
                new = {(page, event.agent, at < RUN) for at, page in enumerate(mapped)}
                return state._replace(pages=state.pages | new)
            case Leave(fn=fn) if fn in PAGE_GIVERS and not state.had_page and state.of(event.agent) > LOCAL:
                reason = f"{state.of(event.agent)} pages wait where there are {LOCAL} slots"
                return Violation(reason, event)
            case FreePages() if not state.had_page and state.slots(event.pages) > LOCAL:
                return Violation(f"{len(event.pages)} pages waited where there are {LOCAL} slots", event)
            case Leave(fn="tlb_finish_mmu") if any(who == event.agent for _, who, _ in state.pages):
                return Violation("the gather ended and a page was not freed", event)
        gone = freed(event)
        if not gone:
            return state
        return state._replace(pages=frozenset(entry for entry in state.pages if entry[0] not in gone))


class Legal(NamedTuple):
    """The largest legal shift, whether one out of range is being given, and which kinds are freed at all."""

    most: int
    cause: bool
    #: where a word says the kind of its table
    kinds: frozenset[int] | None


class BugsOnlyWithCause(Monitor[Legal]):
    """BUG() is for a caller that breaks the contract, not for one that keeps it."""

    reads = (Enter, Bug)

    def initial(self, boot: Booted, /) -> Legal:
        freed = frozenset(map(int, kinds(boot.era, boot.page_size, 0))) if has_index(boot.arch, boot.era) else None
        return Legal(boot.max_pgtable_index_size, False, freed)

    def step(self, state: Legal, event: AnyEvent, /) -> Legal | Violation:
        if isinstance(event, Bug):
            return state if state.cause else Violation(f"BUG: {event.expression or 'no reason given'}", event)
        if isinstance(event, Enter) and event.fn == "pgtable_free_tlb":
            shift = event.args[2]
            return state._replace(cause=isinstance(shift, int) and not 0 <= shift <= state.most)
        if isinstance(event, Enter) and event.fn == "tlb_remove_table" and state.kinds is not None:
            word = event.args[1]
            return state._replace(cause=isinstance(word, int) and word & INDEX_BITS not in state.kinds)
        return state


TLB_H: Final = "include/asm-generic/tlb.h"
RULES: Final = (
    Rule(
        id="progress.every-allocation-failing",
        row="E1",
        level=Level.MUST,
        sentence="Every removal succeeds even if every allocation fails: each table is freed all the same.",
        sources=(Source(TLB_H, "To guarantee progress we fall back to single table freeing", (288, 289)),),
        evidence=Evidence.SEED,
        monitor=EveryAllocationFailing(),
        status=ALWAYS,
    ),
    Rule(
        id="progress.eventually-freed",
        row="E2",
        level=Level.MUST,
        sentence="Every table that was given is freed at last, given that grace periods end.",
        sources=(Source("mm/memory.c", "tlb_remove_table_rcu", (378, 389)),),
        evidence=Evidence.DERIVED,
        monitor=EventuallyFreed(),
        status=ALWAYS,
    ),
    Rule(
        id="progress.waits-with-irqs-on",
        row="E4",
        level=Level.MUST,
        sentence=(
            "An IPI is waited for only in process context with IRQs on, and a grace period only where the task may "
            "sleep."
        ),
        sources=(Source("kernel/smp.c", "Can deadlock when called with interrupts disabled"),),
        evidence=Evidence.KERNEL,
        monitor=MayWait(),
        status=ALWAYS,
    ),
    Rule(
        id="progress.pages-without-a-page",
        row="E5",
        level=Level.MUST,
        sentence=(
            "Without a page of slots the gather makes do with its eight own ones and more flushes, and "
            "frees every page."
        ),
        sources=(Source(TLB_H, "struct page *local[8]", (317, 317)),),
        evidence=Evidence.SEED,
        monitor=PagesWithoutAPage(),
        status=over_time({"rfc-2010-base": REQUIRED}),
    ),
    Rule(
        id="progress.bugs-only-with-cause",
        row="E1",
        level=Level.MUST,
        sentence="BUG() happens only where the caller gave a shift out of range.",
        sources=(Source("arch/powerpc/include/asm/pgalloc.h", "BUG_ON(shift > MAX_PGTABLE_INDEX_SIZE)", (62, 62)),),
        evidence=Evidence.DERIVED,
        monitor=BugsOnlyWithCause(),
        status=ALWAYS,
    ),
)
