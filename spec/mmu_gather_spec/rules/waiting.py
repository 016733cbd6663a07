# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Whom a free has to have waited for, as the eras after the seed say it.

Since v4.19 no count of users stands for a wait.  Since v6.1 who keeps a table can wait for its walkers without freeing
it.  And since v7.0 every way of freeing is a real grace period, so that rcu_read_lock() alone protects a walker.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.arch import ARCHS, FlushIpi
from mmu_gather_spec.event import holds_for_irqs_off, holds_for_readers
from mmu_gather_spec.events import (
    AnyEvent,
    Booted,
    CallRcu,
    Dtor,
    Enter,
    Event,
    GetFreePage,
    GracePeriod,
    Leave,
    SmpCallFunction,
    Unlink,
    WalkBegin,
    WalkEnd,
    WalkLoad,
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
    batches_tables,
    over_time,
)
from mmu_gather_spec.rules.reading import CALLS, FREES, GIVERS, Calls, Tables, calls_after, freed, given, inside
from mmu_gather_spec.rules.separation import Separated, Separation

FLUSH: Final = frozenset({"tlb_flush"})
SYNC_ONE: Final = frozenset({"tlb_remove_table_sync_one"})


class FlushReachesWalkers(Monitor[Calls]):
    """Where the flush is what waits for walkers, it interrupts every other CPU and waits."""

    reads = (*CALLS, SmpCallFunction)

    def initial(self, boot: Booted, /) -> Calls:
        return ()

    def step(self, state: Calls, event: AnyEvent, /) -> Calls | Violation:
        if isinstance(event, SmpCallFunction) and inside(state, event.agent, FLUSH):
            if not event.wait or event.cpus < event.online - {event.cpu}:
                return Violation("a flush that is to wait for every walker leaves a CPU out", event)
            return state
        return calls_after(state, event)


class RealGracePeriod(Monitor[tuple[Tables, frozenset[tuple[int, Tables]]]]):
    """Between unhooking a table and freeing it a grace period has passed, whichever way it is freed."""

    reads: tuple[type[Event], ...] = (*FREES, Unlink, CallRcu, GracePeriod)

    def initial(self, boot: Booted, /) -> tuple[Tables, frozenset[tuple[int, Tables]]]:
        return frozenset(), frozenset()

    def step(
        self, state: tuple[Tables, frozenset[tuple[int, Tables]]], event: AnyEvent, /
    ) -> tuple[Tables, frozenset[tuple[int, Tables]]] | Violation:
        waiting, submitted = state
        match event:
            case Unlink():
                return waiting | {event.table}, submitted
            case CallRcu():
                return waiting, submitted | {(event.head, waiting)}
            case GracePeriod():
                real = holds_for_readers(event.flavour) and holds_for_irqs_off(event.flavour)
                ended = frozenset(entry for entry in submitted if entry[0] == event.head)
                safe = frozenset[int]().union(*(tables for _, tables in ended)) if event.head else waiting
                return waiting - safe if real else waiting, submitted - ended
        if waiting.intersection(freed(event)):
            return Violation("a table is freed that no grace period has passed for", event)
        return state


class Readers(NamedTuple):
    """Who reads under rcu_read_lock(), and what was freed."""

    reading: frozenset[str]
    freed: Tables


class ReaderNeverFreed(Monitor[Readers]):
    """A walker that holds rcu_read_lock() never reads a table that was freed."""

    reads = (*FREES, Unlink, WalkBegin, WalkLoad, WalkEnd)

    def initial(self, boot: Booted, /) -> Readers:
        return Readers(frozenset(), frozenset())

    def step(self, state: Readers, event: AnyEvent, /) -> Readers | Violation:
        own = {event.agent}
        match event:
            case WalkBegin():
                return state._replace(reading=state.reading | own)
            case WalkEnd():
                return state._replace(reading=state.reading - own)
            case WalkLoad():
                if event.agent in state.reading and event.fresh and event.table in state.freed:
                    return Violation("a walker under rcu_read_lock() reads a table that was freed", event)
                return state
            case Unlink():
                return state._replace(freed=state.freed - {event.table})
        return state._replace(freed=state.freed.union(freed(event)))

    def about(self, event: AnyEvent, /) -> frozenset[int] | None:
        match event:
            case WalkLoad() | Unlink():
                return frozenset({event.table})
            case WalkBegin() | WalkEnd():
                return None
        return frozenset(freed(event))


class Sync(NamedTuple):
    """Open calls, and who has waited for every other CPU in this one."""

    calls: Calls
    waited: frozenset[str]


class OnlySynchronises(Monitor[Sync]):
    """tlb_remove_table_sync_one() waits for every other CPU, and lets go of nothing."""

    reads = (*CALLS, *FREES, CallRcu, SmpCallFunction)

    def initial(self, boot: Booted, /) -> Sync:
        return Sync((), frozenset())

    def step(self, state: Sync, event: AnyEvent, /) -> Sync | Violation:
        own = {event.agent}
        synchronises = inside(state.calls, event.agent, SYNC_ONE)
        match event:
            case Enter():
                waited = state.waited - own if event.fn in SYNC_ONE else state.waited
                return Sync(calls_after(state.calls, event), waited)
            case Leave() if event.fn in SYNC_ONE and event.agent not in state.waited:
                return Violation("waiting for walkers has waited for nobody", event)
            case Leave():
                return state._replace(calls=calls_after(state.calls, event))
        if not synchronises:
            return state
        if isinstance(event, SmpCallFunction):
            if not event.wait or event.cpus < event.online - {event.cpu}:
                return Violation("whoever waits for walkers leaves a CPU out, or does not wait", event)
            return state._replace(waited=state.waited | own)
        if isinstance(event, CallRcu) or freed(event):
            return Violation("waiting for walkers has let something go", event)
        return state


class Giving(NamedTuple):
    """The tables that calls are giving, and the agents whose call has asked for memory and had none."""

    calls: Calls
    giving: frozenset[tuple[str, int]]
    no_memory: frozenset[str]


class NoShortcut(Monitor[Giving]):
    """A table is freed by the call that gives it for want of memory, and for no other reason."""

    reads = (*CALLS, *FREES, GetFreePage)

    def initial(self, boot: Booted, /) -> Giving:
        return Giving((), frozenset(), frozenset())

    def step(self, state: Giving, event: AnyEvent, /) -> Giving | Violation:
        own = {event.agent}
        giving = inside(state.calls, event.agent, GIVERS)
        match event:
            case Enter() if (table := given(event)) is not None and not giving:
                others = frozenset(entry for entry in state.giving if entry[0] != event.agent)
                return Giving(calls_after(state.calls, event), others | {(event.agent, table)}, state.no_memory - own)
            case GetFreePage():
                return state._replace(no_memory=state.no_memory | own) if event.page is None and giving else state
            case Enter() | Leave():
                return state._replace(calls=calls_after(state.calls, event))
        if giving and event.agent not in state.no_memory:
            if any((event.agent, address) in state.giving for address in freed(event)):
                return Violation("a table is freed at once, and there was memory", event)
        return state


class DestroyedAfterWait(Separated):
    """What a walker may use of a table is taken down after every walker has been waited for."""

    reads = (*Separated.reads, Dtor)

    def step(self, state: Separation, event: AnyEvent, /) -> Separation | Violation:
        if isinstance(event, Dtor):
            if event.table in state.waiting and not state.alone:
                return Violation("a PTE page loses its lock while walkers may be inside", event, erratum="S11")
            return state
        result = super().step(state, event)
        # That it is freed too early is another rule's affair.
        return state if isinstance(result, Violation) else result


def waits_by_flush(boot: Booted, /) -> bool:
    """Where a flush interrupts every CPU that can walk."""
    return boot.smp and ARCHS[boot.arch].flush_ipi_reaches is FlushIpi.ALL


def batches_on_smp(boot: Booted, /) -> bool:
    """SMP, where tables are batched."""
    return boot.smp and batches_tables(boot)


TLB_H: Final = "include/asm-generic/tlb.h"
MMU_GATHER_C: Final = "mm/mmu_gather.c"

RULES: Final = (
    Rule(
        id="separation.flush-reaches-every-walker",
        row="B3",
        level=Level.MUST,
        sentence=(
            "Where an architecture frees tables after a flush by IPI, that flush interrupts every other online CPU "
            "and waits."
        ),
        sources=(Source(TLB_H, "Architectures that use IPIs to flush TLBs will then automagically DTRT", (274, 277)),),
        evidence=Evidence.SEED,
        monitor=FlushReachesWalkers(),
        status=ALWAYS,
        applies=waits_by_flush,
        where="SMP architectures whose flush is what waits",
    ),
    Rule(
        id="separation.fallback-is-a-grace-period",
        row="B7",
        level=Level.MUST,
        sentence="Every way of freeing a table, the single one too, waits for a grace period that readers hold back.",
        sources=(Source(MMU_GATHER_C + " (7.0)", "tlb_remove_table_sync_rcu"),),
        evidence=Evidence.KERNEL,
        monitor=RealGracePeriod(),
        status=over_time({"v7.0": REQUIRED}),
        applies=batches_on_smp,
        where="SMP architectures that batch tables",
    ),
    Rule(
        id="walk.reader-never-a-freed-table",
        row="B7",
        level=Level.MUST,
        sentence="A software walker that holds rcu_read_lock() and no more never reads a table that was freed.",
        sources=(Source(MMU_GATHER_C + " (7.0)", "tlb_remove_table_sync_rcu"),),
        evidence=Evidence.KERNEL,
        monitor=ReaderNeverFreed(),
        status=over_time({"v7.0": REQUIRED}),
        applies=batches_on_smp,
        where="SMP architectures that batch tables",
    ),
    Rule(
        id="separation.sync-one-frees-nothing",
        row="B12",
        level=Level.MUST,
        sentence="tlb_remove_table_sync_one() waits for every other CPU, and lets go of nothing.",
        sources=(Source(MMU_GATHER_C + " (6.12), tlb_remove_table_sync_one", "smp_call_function"),),
        evidence=Evidence.KERNEL,
        monitor=OnlySynchronises(),
        status=over_time({"v6.1": REQUIRED}),
        applies=batches_on_smp,
        where="SMP architectures that batch tables",
    ),
    Rule(
        id="separation.no-shortcut",
        row="C3",
        level=Level.MUST,
        sentence="A table is freed by the call that gives it only where no batch could be had, whoever uses the mm.",
        sources=(Source(MMU_GATHER_C + " (6.12), tlb_remove_table", "*batch == NULL"),),
        evidence=Evidence.KERNEL,
        monitor=NoShortcut(),
        status=over_time({"v4.19": REQUIRED}),
        applies=batches_tables,
        where="architectures that batch tables",
    ),
    Rule(
        id="separation.destructor-after-wait",
        row="B15",
        level=Level.MUST,
        sentence="What a walker may use of a PTE page, its lock, is taken down after every walker has been waited for.",
        sources=(Source("arch/x86/mm/pgtable.c (6.12), ___pte_free_tlb", "pagetable_pte_dtor"),),
        evidence=Evidence.KERNEL,
        monitor=DestroyedAfterWait(),
        status=over_time({"v2.6.37": as_written("S11"), "v7.0": REQUIRED}),
        applies=batches_on_smp,
        where="SMP architectures that batch tables",
    ),
)
