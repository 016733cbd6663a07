# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The batch: one page that collects tables and goes to RCU as a whole.

It is had when the first table needs it, starts empty, is handed over when it is full and not later,
and from then on belongs to RCU alone.  Its capacity is a fact of the machine, so the same rules hold
for three tables and for hundreds.  What happens when its grace period is over is in `callback`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from mmu_gather_spec.events import (
    AnyEvent,
    AtomicRead,
    Booted,
    CallRcu,
    Enter,
    Fault,
    FaultKind,
    GetFreePage,
    Leave,
)
from mmu_gather_spec.kernel import __GFP_WAIT as GFP_WAIT
from mmu_gather_spec.rule import ALWAYS, Evidence, Level, Monitor, Rule, Source, Violation, batches_tables
from mmu_gather_spec.rules.reading import (
    CALLS,
    FREES,
    GIVERS,
    Calls,
    Tables,
    calls_after,
    freed,
    given,
    inside,
)

#: A batch carries its rcu_head within so many bytes of its start.
HEAD_WITHIN: Final = 64


class Allocation(NamedTuple):
    """Pages, with the table that was being given when each was had; 0 if none was, or it went another way."""

    calls: Calls
    pages: frozenset[tuple[int, int]]
    #: the last table that each agent gave; 0 once it is freed or RCU's
    given: frozenset[tuple[str, int]]

    def without(self, gone: tuple[int, ...], /) -> Allocation:
        """The same when some tables and pages have gone."""
        if not any(table in gone for _, table in self.given | self.pages) and all(p not in gone for p, _ in self.pages):
            return self
        pages = frozenset((page, 0 if cause in gone else cause) for page, cause in self.pages if page not in gone)
        given = frozenset((agent, 0 if table in gone else table) for agent, table in self.given)
        return self._replace(pages=pages, given=given)


class AllocatedLazily(Monitor[Allocation]):
    """A page that becomes a batch was allocated by a call whose table did not go another way."""

    reads = (*CALLS, *FREES, GetFreePage, CallRcu)

    def initial(self, boot: Booted, /) -> Allocation:
        return Allocation((), frozenset(), frozenset())

    def step(self, state: Allocation, event: AnyEvent, /) -> Allocation | Violation:
        match event:
            case GetFreePage() if event.page is not None:
                giving = inside(state.calls, event.agent, GIVERS)
                cause = next((table for agent, table in state.given if giving and agent == event.agent), 0)
                return state._replace(pages=state.pages | {(event.page, cause)})
            case CallRcu():
                # A head lies at the start of its page or a little behind it.
                own = {had for had in state.pages if had[0] <= event.head < had[0] + HEAD_WITHIN}
                if any(cause == 0 for _, cause in own):
                    return Violation("a batch was allocated before there was a table for it", event)
                return state._replace(pages=state.pages - own).without(event.tables)
            case Enter() if (table := given(event)) is not None:
                others = frozenset(entry for entry in state.given if entry[0] != event.agent)
                state = state._replace(given=others | {(event.agent, table)})
        if gone := freed(event):
            return state.without(gone)
        return state._replace(calls=calls_after(state.calls, event))


class StartsEmpty(Monitor[Tables]):
    """A callback frees only what was given: no garbage from before."""

    reads = (Enter, CallRcu)

    def initial(self, boot: Booted, /) -> Tables:
        return frozenset()

    def step(self, state: Tables, event: AnyEvent, /) -> Tables | Violation:
        if isinstance(event, CallRcu):
            if any(table not in state for table in event.tables):
                return Violation("a batch holds something that nobody put there", event)
            return state
        table = given(event)
        return state if table is None else state | {table}


class FitsAPage(Monitor[int]):
    """A batch holds at most MAX_TABLE_BATCH tables, and no store goes past its page."""

    reads = (CallRcu, Fault)

    def initial(self, boot: Booted, /) -> int:
        return boot.max_table_batch

    def step(self, state: int, event: AnyEvent, /) -> int | Violation:
        if isinstance(event, CallRcu) and len(event.tables) > state:
            return Violation(f"a batch of {len(event.tables)} tables where {state} fit", event)
        if isinstance(event, Fault) and event.kind is FaultKind.OUT_OF_PAGE:
            return Violation(event.kind.value, event)
        return state


class Held(NamedTuple):
    """Tables that were given and are neither freed nor RCU's, with who gave them: a gather holds them."""

    tables: frozenset[tuple[int, str]]
    room: int

    def without(self, gone: Iterable[int], /) -> Held:
        """The same without some tables."""
        left = set(gone)
        return self._replace(tables=frozenset(entry for entry in self.tables if entry[0] not in left))


class SubmittedWhenFull(Monitor[Held]):
    """When a table has been given, its gather holds less than a full batch."""

    reads = (*CALLS, *FREES, CallRcu)

    def initial(self, boot: Booted, /) -> Held:
        return Held(frozenset(), boot.max_table_batch)

    def step(self, state: Held, event: AnyEvent, /) -> Held | Violation:
        match event:
            case Enter() if (table := given(event)) is not None:
                return state._replace(tables=state.tables | {(table, event.agent)})
            case Leave(fn=fn) if fn in GIVERS and len(state.tables) >= state.room:
                held = sum(1 for _, agent in state.tables if agent == event.agent)
                if held < state.room:
                    return state
                return Violation(f"the gather still holds {held} tables, a full batch, when the call returns", event)
            case CallRcu():
                return state.without(event.tables)
        gone = freed(event)
        return state.without(gone) if gone else state


class UntouchedAfterSubmit(Monitor[int]):
    """From call_rcu on, a batch is RCU's."""

    reads = (Fault,)

    def initial(self, boot: Booted, /) -> int:
        return 0

    def step(self, state: int, event: AnyEvent, /) -> int | Violation:
        wrong = (FaultKind.AFTER_SUBMIT, FaultKind.AFTER_FREE, FaultKind.DOUBLE_CALL_RCU)
        if isinstance(event, Fault) and event.kind in wrong:
            return Violation(event.kind.value, event)
        return state


class Attempts(NamedTuple):
    """Whether an allocation has failed before, and what the running call has done."""

    calls: Calls
    failed_before: bool
    tried: bool
    #: whether mm_users was read as less than two in the running call
    few_users: bool
    #: tables that the gather holds, the one being given included
    held: Tables
    table: int


class MayFail(Monitor[Attempts]):
    """Allocations do not sleep, may fail each time, and are tried again next time."""

    reads = (*CALLS, *FREES, AtomicRead, GetFreePage, CallRcu)

    def initial(self, boot: Booted, /) -> Attempts:
        return Attempts((), False, False, False, frozenset(), 0)

    def step(self, state: Attempts, event: AnyEvent, /) -> Attempts | Violation:
        giving = inside(state.calls, event.agent, GIVERS)
        match event:
            case GetFreePage() if event.gfp_mask & GFP_WAIT:
                return Violation("an allocation that may sleep, inside a gather", event)
            case GetFreePage() if giving:
                return state._replace(tried=True, failed_before=state.failed_before or event.page is None)
            case AtomicRead(var="mm_users"):
                return state._replace(few_users=event.value < 2)
            case CallRcu():
                return state._replace(held=state.held.difference(event.tables))
            case Enter() if (table := given(event)) is not None and not giving:
                held, calls = state.held | {table}, calls_after(state.calls, event)
                return Attempts(calls, state.failed_before, False, False, held, table)
        if giving and state.table in freed(event):
            # Freed inside its own call, with users about and no batch at hand: the fallback.
            fallback = state.held == {state.table} and not state.few_users
            if fallback and state.failed_before and not state.tried:
                return Violation("after one failed allocation no other was tried", event)
        if gone := freed(event):
            return state._replace(held=state.held.difference(gone))
        return state._replace(calls=calls_after(state.calls, event))


TLB_H: Final = "include/asm-generic/tlb.h"
MEMORY_C: Final = "mm/memory.c"

RULES: Final = (
    Rule(
        id="batch.allocated-for-its-first-table",
        row="D1",
        level=Level.MUST,
        sentence="A batch is allocated when its first table is given, not before.",
        sources=(Source(MEMORY_C, "*batch == NULL", (416, 417)),),
        evidence=Evidence.SEED,
        monitor=AllocatedLazily(),
        status=ALWAYS,
        applies=batches_tables,
        where="SMP architectures that batch tables; since v5.7 UP ones, too",
    ),
    Rule(
        id="batch.starts-empty",
        row="D2",
        level=Level.MUST,
        sentence="A batch starts empty: its callback frees nothing that was not given to the gather.",
        sources=(Source(MEMORY_C, "(*batch)->nr = 0", (422, 422)),),
        evidence=Evidence.SEED,
        monitor=StartsEmpty(),
        status=ALWAYS,
        applies=batches_tables,
        where="SMP architectures that batch tables; since v5.7 UP ones, too",
    ),
    Rule(
        id="batch.fits-a-page",
        row="D3",
        level=Level.MUST,
        sentence="A batch holds at most MAX_TABLE_BATCH tables, and nothing is stored beyond its page.",
        sources=(Source(TLB_H, "(PAGE_SIZE - sizeof(struct mmu_table_batch)) / sizeof(void *)", (298, 299)),),
        evidence=Evidence.SEED,
        monitor=FitsAPage(),
        status=ALWAYS,
        applies=batches_tables,
        where="SMP architectures that batch tables; since v5.7 UP ones, too",
    ),
    Rule(
        id="batch.submitted-when-full",
        row="D4",
        level=Level.MUST,
        sentence="The call that fills a batch submits it before it returns.",
        sources=(Source(MEMORY_C, "(*batch)->nr == MAX_TABLE_BATCH", (425, 426)),),
        evidence=Evidence.SEED,
        monitor=SubmittedWhenFull(),
        status=ALWAYS,
        applies=batches_tables,
        where="SMP architectures that batch tables; since v5.7 UP ones, too",
    ),
    Rule(
        id="batch.untouched-after-submit",
        row="D5",
        level=Level.MUST,
        sentence=(
            "From call_rcu_sched() until its callback runs nobody writes to a batch or submits it again, "
            "and nobody uses its page after that is freed."
        ),
        sources=(Source(MEMORY_C, "*batch = NULL", (396, 397)),),
        evidence=Evidence.SEED,
        monitor=UntouchedAfterSubmit(),
        status=ALWAYS,
        applies=batches_tables,
        where="SMP architectures that batch tables; since v5.7 UP ones, too",
    ),
    Rule(
        id="batch.allocation-may-fail",
        row="D10",
        level=Level.MUST,
        sentence=(
            "A batch is allocated without sleeping; one failure is not remembered, and the next table tries again."
        ),
        sources=(Source(TLB_H, "can thus easily fail on memory pressure", (287, 288)),),
        evidence=Evidence.SEED,
        monitor=MayFail(),
        status=ALWAYS,
        applies=batches_tables,
        where="SMP architectures that batch tables; since v5.7 UP ones, too",
    ),
)
