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
    AtomicRead,
    Booted,
    CallRcu,
    Enter,
    Event,
    GracePeriod,
    Leave,
    NumOnlineCpus,
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
    batches_on_smp,
    batches_tables,
    over_time,
)
from mmu_gather_spec.rules.pte_page import DestroyedAfterWait
from mmu_gather_spec.rules.reading import CALLS, FREES, GIVERS, Calls, Tables, calls_after, freed, given, inside

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
    """The tables that calls are giving, the CPUs that each such call has waited for, and the agents that are alone."""

    calls: Calls
    giving: frozenset[tuple[str, int]]
    heard: frozenset[tuple[str, int]]
    #: agents that have waited for everybody in this call
    waited: frozenset[str]
    #: whether only one CPU is online: then no other can walk
    alone: bool


class NoShortcut(Monitor[Giving]):
    """A table is freed by the call that gives it only after that call has waited: for every CPU, or a grace period.

    An IPI for each table is slow and safe, so it is permitted; a count, of users or of CPUs that have run the mm, is
    quick and shows nothing of a kernel thread or of a CPU that holds the mm lazily.
    """

    reads = (*CALLS, *FREES, SmpCallFunction, GracePeriod, NumOnlineCpus, AtomicRead)

    def initial(self, boot: Booted, /) -> Giving:
        return Giving((), frozenset(), frozenset(), frozenset(), False)

    def step(self, state: Giving, event: AnyEvent, /) -> Giving | Violation:
        own = {event.agent}
        giving = inside(state.calls, event.agent, GIVERS)
        match event:
            case Enter() if (table := given(event)) is not None and not giving:
                others = frozenset(entry for entry in state.giving if entry[0] != event.agent)
                heard = frozenset(entry for entry in state.heard if entry[0] != event.agent)
                calls = calls_after(state.calls, event)
                return Giving(calls, others | {(event.agent, table)}, heard, state.waited - own, state.alone)
            case SmpCallFunction() if giving and event.wait:
                heard = state.heard | {(event.agent, cpu) for cpu in event.cpus | {event.cpu}}
                everybody = all((event.agent, cpu) in heard for cpu in event.online)
                return state._replace(heard=heard, waited=state.waited | own if everybody else state.waited)
            case GracePeriod() if giving and holds_for_irqs_off(event.flavour):
                return state._replace(waited=state.waited | own)
            case NumOnlineCpus() | AtomicRead(var="num_possible_cpus"):
                return state._replace(alone=event.value == 1)
            case Enter() | Leave():
                return state._replace(calls=calls_after(state.calls, event))
            case SmpCallFunction() | GracePeriod() | AtomicRead():
                return state
        if giving and not state.alone and event.agent not in state.waited:
            if any((event.agent, address) in state.giving for address in freed(event)):
                return Violation("a table is freed at once, and the call that gives it has waited for nobody", event)
        return state


def waits_by_flush(boot: Booted, /) -> bool:
    """Where a flush interrupts every CPU that can walk."""
    return boot.smp and ARCHS[boot.arch].flush_ipi_reaches is FlushIpi.ALL


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
        # A reader can be preempted, so on UP, too, one may be inside.
        applies=batches_tables,
        where="architectures that batch tables",
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
        sentence=(
            "Neither how many use an mm nor which CPUs have run it stands for a wait: a table is freed by the call "
            "that gives it only after that call has waited for every other CPU, or for a grace period."
        ),
        sources=(Source(MMU_GATHER_C + " (6.12), tlb_remove_table", "tlb_remove_table_one(table)"),),
        evidence=Evidence.KERNEL,
        monitor=NoShortcut(),
        status=over_time({"v4.19": REQUIRED}),
        applies=batches_on_smp,
        where="SMP architectures that batch tables",
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
