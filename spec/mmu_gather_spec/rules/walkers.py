# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Lockless walkers: what they may count on, and what they owe in return.

gup_fast() and its kind keep IRQs off over the whole walk, load each entry once, and keep no
pointer afterwards.  In return no table they can reach is freed under them.  These rules are
stated over walkers' own events.  A trace of a port alone holds none; they are reached by traces in
which walkers take part.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.events import (
    AnyEvent,
    AtomicRead,
    Booted,
    Enter,
    FreePage,
    KmemCacheFree,
    WalkBegin,
    WalkEnd,
    WalkLoad,
    WalkPin,
)
from mmu_gather_spec.rule import (
    ALWAYS,
    REQUIRED,
    SUPERSEDED,
    Binds,
    Evidence,
    Level,
    Monitor,
    Rule,
    Source,
    Violation,
    as_written,
    needs_speculative_get,
    on_smp,
    over_time,
)
from mmu_gather_spec.rules import freeing
from mmu_gather_spec.rules.freeing import Freeing, freeing_after
from mmu_gather_spec.rules.reading import FREES, INDEX_BITS, Tables, freed, given

#: The erratum that each way of freeing too early is.
ERRATA: Final = {freeing.SHORTCUT: "S2", freeing.FAST: "S6"}


class Walked(NamedTuple):
    """How tables were freed, and who walks with IRQs on: that, and an old pointer, are not this rule's affair."""

    freeing: Freeing
    careless: frozenset[str]


class NeverFreed(Monitor[Walked]):
    """A walker that has IRQs off never reads a table that was freed."""

    reads = (*freeing.READS_AT_ONCE, WalkBegin, WalkLoad, WalkEnd)

    def initial(self, boot: Booted, /) -> Walked:
        return Walked(freeing.NOTHING, frozenset())

    def step(self, state: Walked, event: AnyEvent, /) -> Walked | Violation:
        match event:
            case WalkBegin(irqs_on=True):
                return state._replace(careless=state.careless | {event.agent})
            case WalkBegin() | WalkEnd():
                return Walked(state.freeing, state.careless - {event.agent}) if state.careless else state
            case WalkLoad():
                how = state.freeing.how(event.table)
                if how is None or not event.fresh or event.agent in state.careless:
                    return state
                return Violation("a walker reads a table that was freed", event, erratum=ERRATA.get(how))
        after = freeing_after(state.freeing, event)
        return state if after is state.freeing else Walked(after, state.careless)

    def about(self, event: AnyEvent, /) -> frozenset[int] | None:
        match event:
            case WalkLoad():
                return frozenset({event.table})
            case WalkBegin() | WalkEnd():
                return None
        return freeing.about(event)


class Discipline(NamedTuple):
    """For walkers: who walks, and how."""

    walking: frozenset[str]
    careless: frozenset[str]


class IrqsOff(Monitor[Discipline]):
    """A walk has IRQs off from before the root is read until its last pointer is dead."""

    reads = (WalkBegin, WalkLoad, WalkEnd)

    def initial(self, boot: Booted, /) -> Discipline:
        return Discipline(frozenset(), frozenset())

    def step(self, state: Discipline, event: AnyEvent, /) -> Discipline | Violation:
        who = {event.agent}
        match event:
            case WalkBegin():
                careless = state.careless | who if event.irqs_on else state.careless - who
                return Discipline(state.walking | who, careless)
            case WalkEnd():
                return state._replace(walking=state.walking - who)
            case WalkLoad() if event.agent not in state.walking:
                return Violation("a table is read outside a walk", event)
            case WalkLoad() if not event.fresh:
                return Violation("a table is read through a pointer from before this walk", event)
            case WalkLoad() if event.agent in state.careless:
                return Violation("a table is read with IRQs on", event)
        return state


class Fallen(NamedTuple):
    """For walkers that only hold rcu_read_lock: who they are, and which tables an IPI let go."""

    rcu_only: frozenset[str]
    freed: Tables


class NotAGracePeriod(Monitor[Fallen]):
    """Who relies on the fallback as on a grace period is wrong, not the fallback."""

    reads = (*FREES, WalkBegin, WalkEnd, WalkLoad)

    def initial(self, boot: Booted, /) -> Fallen:
        return Fallen(frozenset(), frozenset())

    def step(self, state: Fallen, event: AnyEvent, /) -> Fallen | Violation:
        match event:
            case WalkBegin(irqs_on=True):
                return state._replace(rcu_only=state.rcu_only | {event.agent})
            case WalkEnd():
                return state._replace(rcu_only=state.rcu_only - {event.agent})
            case WalkLoad() if event.agent in state.rcu_only and event.table in state.freed:
                return Violation("a walker with IRQs on reads a table that the fallback has freed", event)
        return state._replace(freed=state.freed.union(freed(event)))


class SpeculativeGet(Monitor[bool]):
    """Where only tables are kept for a walker, it must pin pages speculatively and look again."""

    reads = (WalkPin,)

    def initial(self, boot: Booted, /) -> bool:
        return True

    def step(self, state: bool, event: AnyEvent, /) -> bool | Violation:
        if isinstance(event, WalkPin) and not event.speculative:
            return Violation("a page is used without a speculative reference and a second look", event)
        return state


class Shortcut(NamedTuple):
    """Who walks, which table each gather is giving, and which gathers have seen few users meanwhile."""

    walking: frozenset[str]
    given: frozenset[tuple[str, int]]
    few_users: frozenset[str]


class NobodyWalks(Monitor[Shortcut]):
    """Nobody is walking when the shortcut below two users is taken."""

    reads = (Enter, AtomicRead, FreePage, KmemCacheFree, WalkBegin, WalkEnd)

    def initial(self, boot: Booted, /) -> Shortcut:
        return Shortcut(frozenset(), frozenset(), frozenset())

    def step(self, state: Shortcut, event: AnyEvent, /) -> Shortcut | Violation:
        own = {event.agent}
        match event:
            case WalkBegin():
                return state._replace(walking=state.walking | own)
            case WalkEnd():
                return state._replace(walking=state.walking - own)
            case Enter() if (table := given(event)) is not None:
                others = frozenset(entry for entry in state.given if entry[0] != event.agent)
                return state._replace(given=others | {(event.agent, table)}, few_users=state.few_users - own)
            case AtomicRead(var="mm_users"):
                few = state.few_users | own if event.value < 2 else state.few_users - own
                return state._replace(few_users=few)
            case FreePage() | KmemCacheFree() if event.agent in state.few_users and state.walking:
                if (event.agent, event.addr & ~INDEX_BITS) in state.given:
                    walker = min(state.walking)
                    reason = f"with less than two users a table is freed at once, while {walker} is walking"
                    return Violation(reason, event, erratum="S2")
        return state


TLB_H: Final = "include/asm-generic/tlb.h"
MEMORY_C: Final = "mm/memory.c"
GUP_C: Final = "arch/powerpc/mm/gup.c"

RULES: Final = (
    Rule(
        id="walk.never-a-freed-table",
        row="B1",
        level=Level.MUST,
        sentence="A software walker that keeps IRQs off never reads a table that was freed.",
        sources=(Source(TLB_H, "we can never observe an already freed page", (275, 277)),),
        evidence=Evidence.SEED,
        monitor=NeverFreed(),
        status=over_time({"v2.6.37": as_written("S2", "S6"), "v3.0": as_written("S2"), "v4.19": REQUIRED}),
    ),
    Rule(
        id="walk.fallback-is-no-grace-period",
        row="B6",
        level=Level.MUST,
        sentence=(
            "A walker does not take the fallback's IPI for a grace period: rcu_read_lock() alone protects nothing."
        ),
        sources=(Source(MEMORY_C, "This isn't an RCU grace period", (368, 369)),),
        evidence=Evidence.SEED,
        monitor=NotAGracePeriod(),
        status=ALWAYS,
        binds=Binds.WALKER,
    ),
    Rule(
        id="walk.irqs-off-and-fresh",
        row="B9",
        level=Level.MUST,
        sentence=(
            "A walker has IRQs off before it reads the root, loads each entry once, and keeps no pointer to a "
            "table afterwards."
        ),
        sources=(
            Source(TLB_H, "disabling IRQs over the walk", (271, 272)),
            Source(GUP_C, "atomically load page table pointers"),
        ),
        evidence=Evidence.SEED,
        monitor=IrqsOff(),
        status=ALWAYS,
        binds=Binds.WALKER,
    ),
    Rule(
        id="walk.speculative-reference",
        row="B10",
        level=Level.MUST,
        sentence=(
            "Where only tables are kept for it, a walker pins a page speculatively and reads the PTE "
            "again before it uses the page."
        ),
        sources=(Source(GUP_C, "does prevent the pagetables from being freed on powerpc"),),
        evidence=Evidence.KERNEL,
        monitor=SpeculativeGet(),
        status=ALWAYS,
        binds=Binds.WALKER,
        applies=needs_speculative_get,
        where="architectures that keep only tables for a walker",
    ),
    Rule(
        id="walk.nobody-below-two-users",
        row="C2",
        level=Level.MUST,
        sentence="When a table is freed at once because the mm has less than two users, nobody is walking that mm.",
        sources=(
            Source(MEMORY_C, "there cannot be a concurrent page-table walk", (408, 409)),
            Source("mm/mmu_context.c (2.6.37)", "use_mm raises only mm_count"),
        ),
        evidence=Evidence.SEED,
        monitor=NobodyWalks(),
        status=over_time({"v2.6.37": as_written("S2"), "v4.19": SUPERSEDED}),
        applies=on_smp,
        where="SMP",
    ),
)
