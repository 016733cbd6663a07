# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What lies between unhooking a table and freeing it: the freeing side of the walkers' law.

A walker takes no lock; it only keeps its interrupts off.  So a table may be freed once every
CPU has been seen with interrupts on since the table was unhooked: a sched grace period shows it,
and so does an IPI that was waited for.  Neither an invalidation by broadcast nor a look at
mm_users shows it.

Whether a walker was in fact there is not asked here; `walkers` asks that.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.event import holds_for_irqs_off
from mmu_gather_spec.events import (
    AnyEvent,
    AtomicRead,
    Booted,
    CallRcu,
    Enter,
    GracePeriod,
    IpiAck,
    Irqs,
    NumOnlineCpus,
    Preempt,
    SmpCallFunction,
    Unlink,
    WalkBegin,
    WalkEnd,
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
    on_smp,
    over_time,
)
from mmu_gather_spec.rules.reading import FREES, Tables, freed, given


class Separation(NamedTuple):
    """Which tables still need something between their unlink and their free."""

    #: unhooked, and no CPU was waited for since
    waiting: Tables
    #: as `waiting` was at each IPI, with the CPUs that have not answered since: two gathers may wait at a time
    sent: frozenset[tuple[Tables, frozenset[int]]]
    #: as `waiting` was at each call_rcu that has not run
    submitted: frozenset[tuple[int, Tables]]
    #: the agents that last read mm_users as less than two, since they gave their last table
    few_users: frozenset[str]
    #: whether only one CPU is online: then no other can walk
    alone: bool
    #: the agents that found, since they gave their last table, that no other CPU has run the mm
    private: frozenset[str] = frozenset()


class Separated(Monitor[Separation]):
    """Between unlink and free: a grace period, or an IPI to every other CPU, waited for."""

    reads = (
        *FREES, Unlink, Enter, AtomicRead, NumOnlineCpus, SmpCallFunction, IpiAck, CallRcu, GracePeriod,
    )  # fmt: skip

    def initial(self, boot: Booted, /) -> Separation:
        return Separation(frozenset(), frozenset(), frozenset(), frozenset(), False)

    def step(self, state: Separation, event: AnyEvent, /) -> Separation | Violation:
        match event:
            case Unlink():
                return state._replace(waiting=state.waiting | {event.table})
            case Enter() if given(event) is not None:
                own = {event.agent}
                return state._replace(few_users=state.few_users - own, private=state.private - own)
            case AtomicRead(var="mm_cpumask", value=1):
                return state._replace(private=state.private | {event.agent})
            case AtomicRead(var="mm_users"):
                others = state.few_users - {event.agent}
                return state._replace(few_users=others | {event.agent} if event.value < 2 else others)
            case NumOnlineCpus() | AtomicRead(var="num_possible_cpus"):
                return state._replace(alone=event.value == 1)
            case SmpCallFunction():
                covers_all = event.cpus >= event.online - {event.cpu}
                snapshot = state.waiting if covers_all else frozenset[int]()
                return self._heard(state, {*state.sent, (snapshot, event.cpus)})
            case IpiAck():
                # It shows that this CPU had IRQs on, whoever asked.
                return self._heard(state, {(tables, silent - {event.cpu}) for tables, silent in state.sent})
            case CallRcu():
                return state._replace(submitted=state.submitted | {(event.head, state.waiting)})
            case GracePeriod():
                return self._grace(state, event)
            case _:
                return self._free(state, event)

    @staticmethod
    def _heard(state: Separation, sent: set[tuple[Tables, frozenset[int]]]) -> Separation:
        """An IPI was sent or answered; where the last CPU has answered, its tables are safe."""
        safe = frozenset[int]().union(*(tables for tables, silent in sent if not silent))
        still = frozenset((tables - safe, silent) for tables, silent in sent if silent)
        return state._replace(waiting=state.waiting - safe, sent=still)

    @staticmethod
    def _grace(state: Separation, event: GracePeriod) -> Separation:
        """A grace period ended: what was unhooked before it began is safe, if it was the right kind."""
        ended = {entry for entry in state.submitted if entry[0] == event.head}
        if not holds_for_irqs_off(event.flavour):
            return state._replace(submitted=state.submitted - ended)
        safe = frozenset().union(*(tables for _, tables in ended)) if event.head else state.waiting
        return state._replace(waiting=state.waiting - safe, submitted=state.submitted - ended)

    @staticmethod
    def _free(state: Separation, event: AnyEvent) -> Separation | Violation:
        if state.alone or event.agent in state.private or not state.waiting.intersection(freed(event)):
            return state
        reason = "a table is freed although no CPU was waited for since it was unhooked"
        return Violation(reason, event, erratum="S2" if event.agent in state.few_users else None)


class Flavours(NamedTuple):
    """For grace periods: which regions are open, and which were at each call_rcu."""

    regions: frozenset[tuple[int, str]]
    waits: frozenset[tuple[int, str, frozenset[tuple[int, str]]]]
    unsafe: Tables


class SchedFlavour(Monitor[Flavours]):
    """The grace period is one that regions with IRQs or preemption off hold back."""

    reads = (*FREES, CallRcu, GracePeriod, WalkBegin, WalkEnd, Irqs, Preempt)

    def initial(self, boot: Booted, /) -> Flavours:
        return Flavours(frozenset(), frozenset(), frozenset())

    def step(self, state: Flavours, event: AnyEvent, /) -> Flavours | Violation:
        region = (event.cpu, event.agent)
        match event:
            case WalkBegin(irqs_on=False) | Irqs(on=False):
                return state._replace(regions=state.regions | {region})
            case Preempt() if event.depth > 0:
                return state._replace(regions=state.regions | {region})
            case WalkEnd() | Irqs() | Preempt():
                still = frozenset((h, f, open_ - {region}) for h, f, open_ in state.waits)
                return state._replace(regions=state.regions - {region}, waits=still)
            case CallRcu():
                unsafe = state.unsafe if holds_for_irqs_off(event.flavour) else state.unsafe.union(event.tables)
                waits = state.waits | {(event.head, event.flavour, state.regions)}
                return state._replace(unsafe=unsafe, waits=waits)
            case GracePeriod():
                for head, flavour, open_ in state.waits:
                    if head == event.head and holds_for_irqs_off(flavour) and open_:
                        reason = "a grace period ended inside a region with IRQs or preemption off"
                        return Violation(reason, event)
                return state._replace(waits=frozenset(w for w in state.waits if w[0] != event.head))
            case _:
                if state.unsafe.intersection(freed(event)):
                    return Violation("a table waited for a grace period that IRQs off do not hold back", event)
                return state


TLB_H: Final = "include/asm-generic/tlb.h"
MEMORY_C: Final = "mm/memory.c"

RULES: Final = (
    Rule(
        id="separation.waited-for-every-cpu",
        row="B2",
        level=Level.MUST,
        sentence=(
            "Between unhooking a table and freeing it lies a sched grace period, or an IPI to every "
            "other online CPU that was waited for."
        ),
        sources=(
            Source(TLB_H, "need to delay the freeing by some other means", (279, 280)),
            Source(MEMORY_C, "sufficient for software page-table walkers that rely on IRQ disabling", (371, 372)),
        ),
        evidence=Evidence.SEED,
        monitor=Separated(),
        status=over_time({"v2.6.37": as_written("S2"), "v4.19": REQUIRED}),
        applies=on_smp,
        where="SMP",
    ),
    Rule(
        id="separation.sched-flavour",
        row="B4",
        level=Level.MUST,
        sentence="The grace period is one that regions with IRQs or preemption off hold back.",
        sources=(Source(TLB_H, "We use the sched RCU variant", (283, 284)),),
        evidence=Evidence.SEED,
        monitor=SchedFlavour(),
        status=ALWAYS,
        applies=on_smp,
        where="SMP",
    ),
)
