# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The callback: what becomes of a batch when its grace period is over.

It runs in softirq, on any CPU, when the gather and even the mm may be gone; so it needs nothing but
its argument.  It frees every table once and then the page that listed them.  The order inside a
batch is nobody's promise.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

from mmu_gather_spec.events import (
    AnyEvent,
    Booted,
    CallbackBegin,
    CallbackEnd,
    CallRcu,
    ClearPte,
    Enter,
    Fault,
    FaultKind,
    FreePage,
    GetFreePage,
    KmemCacheFree,
    Shared,
    Unlink,
)
from mmu_gather_spec.rule import ALWAYS, Evidence, Level, Monitor, Rule, Source, Violation, batches_tables
from mmu_gather_spec.rules.batch import HEAD_WITHIN
from mmu_gather_spec.rules.reading import FREES, Tables, freed, given


class Fates(NamedTuple):
    """What may still be freed, and what was freed and has not come up again since."""

    #: tables, pages of kernel memory, and pages of user data by the address they were mapped at
    due: frozenset[tuple[int, int]]
    freed: Tables


class FreedOnce(Monitor[Fates]):
    """No table and no page of kernel memory is freed twice, no other page more often than it was unmapped."""

    reads = (Unlink, ClearPte, GetFreePage, *FREES)

    def initial(self, boot: Booted, /) -> Fates:
        return Fates(frozenset(), frozenset())

    def step(self, state: Fates, event: AnyEvent, /) -> Fates | Violation:
        match event:
            case Unlink():
                return self._new(state, event.table)
            case ClearPte():
                return self._new(state, event.page, event.addr)
            case GetFreePage() if event.page is not None:
                return self._new(state, event.page)
        due, gone = state.due, freed(event)
        for addr in gone:
            entry = (addr, 0) if (addr, 0) in due else next((entry for entry in due if entry[0] == addr), None)
            if entry is not None:
                due -= {entry}
            elif addr in state.freed or gone.count(addr) > 1:
                return Violation("something is freed a second time", event)
        return Fates(due, state.freed.union(gone)) if due != state.due else state

    def about(self, event: AnyEvent, /) -> frozenset[int] | None:
        match event:
            case Unlink():
                return frozenset({event.table})
            case ClearPte():
                return frozenset({event.page})
            case GetFreePage():
                return frozenset() if event.page is None else frozenset({event.page})
        return frozenset(freed(event))

    @staticmethod
    def _new(state: Fates, addr: int, mapped_at: int = 0) -> Fates:
        return Fates(state.due | {(addr, mapped_at)}, state.freed - {addr})


class Callback(NamedTuple):
    """A callback that runs: its page, and whether that is free already."""

    head: int | None
    page_freed: bool
    pages: Tables

    def carries(self, page: int, /) -> bool:
        """Whether the batch of this callback is at `page`."""
        return self.head is not None and page <= self.head < page + HEAD_WITHIN


class PageFreedLast(Monitor[Callback]):
    """The page of a batch is freed after the last of its tables, once, before the callback ends."""

    reads = (GetFreePage, CallbackBegin, CallbackEnd, FreePage, KmemCacheFree)

    def initial(self, boot: Booted, /) -> Callback:
        return Callback(None, False, frozenset())

    def step(self, state: Callback, event: AnyEvent, /) -> Callback | Violation:
        match event:
            case GetFreePage() if event.page is not None:
                return state._replace(pages=state.pages | {event.page})
            case CallbackBegin():
                # A single table may have an rcu_head of its own; then there is no page that lists it.
                batch = any(page <= event.head < page + HEAD_WITHIN for page in state.pages)
                return state._replace(head=event.head if batch else None, page_freed=not batch)
            case CallbackEnd() if not state.page_freed:
                return Violation("a callback ended and its batch page was not freed", event)
            case CallbackEnd():
                return state._replace(head=None)
            case FreePage() if event.agent == "softirq" and event.addr in state.pages and state.carries(event.addr):
                if state.page_freed:
                    return Violation("a callback freed its batch page twice", event)
                return state._replace(page_freed=True)
            case FreePage() | KmemCacheFree() if (
                state.page_freed and event.agent == "softirq" and state.head is not None
            ):
                return Violation("a table is freed after the page that listed it", event)
        return state


class Owners(NamedTuple):
    """Which agent gave each table."""

    owners: frozenset[tuple[int, str]]


class OnePerGather(Monitor[Owners]):
    """A batch holds tables of one gather only, and another gather changes nothing for it."""

    reads = (Enter, CallRcu, Shared)

    def initial(self, boot: Booted, /) -> Owners:
        return Owners(frozenset())

    def step(self, state: Owners, event: AnyEvent, /) -> Owners | Violation:
        if isinstance(event, Shared):
            reason = f"with another gather run in between, this one did something else: {event.came}"
            return Violation(reason, event)
        if isinstance(event, CallRcu):
            agents = {agent for table, agent in state.owners if table in event.tables}
            if len(agents) > 1:
                return Violation("one batch holds tables of two gathers", event)
            return state
        table = given(event)
        return state if table is None else Owners(state.owners | {(table, event.agent)})


class AnyContext(Monitor[int]):
    """A callback needs nothing but its argument."""

    reads = (Fault,)

    def initial(self, boot: Booted, /) -> int:
        return 0

    def step(self, state: int, event: AnyEvent, /) -> int | Violation:
        if isinstance(event, Fault) and event.kind is FaultKind.GATHER_GONE:
            return Violation(event.kind.value, event)
        return state


InTurn: TypeAlias = tuple[int, ...]


class InOrder(Monitor[InTurn]):
    """Tables of one batch are freed in the order in which they were given."""

    reads = (Enter, CallRcu)

    def initial(self, boot: Booted, /) -> InTurn:
        return ()

    def step(self, state: InTurn, event: AnyEvent, /) -> InTurn | Violation:
        if isinstance(event, CallRcu):
            batch = frozenset(event.tables)
            if tuple(table for table in state if table in batch) != event.tables:
                return Violation("the tables of a batch are freed in another order than they came in", event)
            return tuple(table for table in state if table not in batch)
        table = given(event)
        return state if table is None or table in state[-1:] else (*state, table)


TLB_H: Final = "include/asm-generic/tlb.h"
MEMORY_C: Final = "mm/memory.c"

RULES: Final = (
    Rule(
        id="batch.freed-exactly-once",
        row="D6",
        level=Level.MUST,
        sentence=(
            "No table and no page of kernel memory is freed twice, and no page of user data more often than it was "
            "unmapped."
        ),
        sources=(Source(MEMORY_C, "for (i = 0; i < batch->nr; i++)", (385, 386)),),
        evidence=Evidence.SEED,
        monitor=FreedOnce(),
        status=ALWAYS,
    ),
    Rule(
        id="batch.insertion-order",
        row="D8",
        level=Level.MAY,
        sentence="The tables of a batch may be freed in the order in which they were given; nobody may rely on it.",
        sources=(Source(MEMORY_C, "__tlb_remove_table(batch->tables[i])", (385, 386)),),
        evidence=Evidence.SEED,
        monitor=InOrder(),
        status=ALWAYS,
        applies=batches_tables,
        where="SMP architectures that batch tables; since v5.7 UP ones, too",
    ),
    Rule(
        id="batch.page-freed-last",
        row="D9",
        level=Level.MUST,
        sentence="The page of a batch is freed once, after the last of its tables and before its callback ends.",
        sources=(Source(MEMORY_C, "free_page((unsigned long)batch)", (388, 388)),),
        evidence=Evidence.SEED,
        monitor=PageFreedLast(),
        status=ALWAYS,
        applies=batches_tables,
        where="SMP architectures that batch tables; since v5.7 UP ones, too",
    ),
    Rule(
        id="batch.one-per-gather",
        row="D11",
        level=Level.MUST,
        sentence="A batch belongs to one gather, and what another gather does changes nothing for it.",
        sources=(Source(TLB_H, "struct mmu_table_batch *batch", (320, 320)),),
        evidence=Evidence.SEED,
        monitor=OnePerGather(),
        status=ALWAYS,
        applies=batches_tables,
        where="SMP architectures that batch tables; since v5.7 UP ones, too",
    ),
    Rule(
        id="batch.callback-needs-only-its-argument",
        row="D12",
        level=Level.MUST,
        sentence="A callback uses nothing but its argument: the gather and the mm may be gone.",
        sources=(Source(MEMORY_C, "container_of(head, struct mmu_table_batch, rcu)", (383, 383)),),
        evidence=Evidence.DERIVED,
        monitor=AnyContext(),
        status=ALWAYS,
        applies=batches_tables,
        where="SMP architectures that batch tables; since v5.7 UP ones, too",
    ),
)
