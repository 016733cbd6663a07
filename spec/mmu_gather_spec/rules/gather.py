# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The gather: it is begun on a stack with arbitrary content, may move between CPUs, and is ended once.

Everything that it reads it has written; between two calls its task may be preempted and go on
elsewhere, so it keeps nothing in a CPU; and when it ends it holds nothing.  Around it the caller
has duties of its own.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.events import (
    AnyEvent,
    Booted,
    Bug,
    CallRcu,
    DetachVma,
    Diverged,
    Enter,
    GetCpuVar,
    Leaked,
    Leave,
    Migrate,
    PutCpuVar,
    Quiescent,
)
from mmu_gather_spec.rule import (
    ALWAYS,
    REQUIRED,
    Binds,
    Evidence,
    Level,
    Monitor,
    Rule,
    Source,
    Violation,
    as_written,
    over_time,
)
from mmu_gather_spec.rules.reading import BEGINNERS, CALLS, FREES, freed, given


class EveryFieldWritten(Monitor[int]):
    """What the gather was filled with makes no difference."""

    reads = (Diverged,)

    def initial(self, boot: Booted, /) -> int:
        return 0

    def step(self, state: int, event: AnyEvent, /) -> int | Violation:
        if isinstance(event, Diverged):
            reason = f"with the gather filled with {event.poison:#04x} the port did something else: {event.came}"
            return Violation(reason, event, erratum="S7" if event.extra_flush else None)
        return state


class Life(NamedTuple):
    """Gathers that are open, those that were ended, and whether BUG ended an agent."""

    opened: frozenset[str]
    closed: frozenset[str]
    ended: bool


class FinishedOnce(Monitor[Life]):
    """Every gather is begun, and finished once."""

    reads = (Enter, Bug, Quiescent)

    def initial(self, boot: Booted, /) -> Life:
        return Life(frozenset(), frozenset(), False)

    def step(self, state: Life, event: AnyEvent, /) -> Life | Violation:
        own = {event.agent}
        match event:
            case Enter(fn=fn) if fn in BEGINNERS:
                return state._replace(opened=state.opened | own)
            case Enter(fn="tlb_finish_mmu"):
                if event.agent not in state.opened:
                    return Violation("a gather is finished that was not begun", event)
                return state._replace(opened=state.opened - own, closed=state.closed | own)
            case Bug():
                return state._replace(ended=True)
            case Quiescent() if state.opened and not state.ended:
                return Violation("a gather was begun and never finished", event)
            case _:
                return state


class NothingKept(Monitor[Life]):
    """When all gathers have ended, every page of kernel memory has come back."""

    reads = (Enter, Bug, Leaked)

    def initial(self, boot: Booted, /) -> Life:
        return Life(frozenset(), frozenset(), False)

    def step(self, state: Life, event: AnyEvent, /) -> Life | Violation:
        own = {event.agent}
        match event:
            case Enter(fn=fn) if fn in BEGINNERS:
                return state._replace(opened=state.opened | own)
            case Enter(fn="tlb_finish_mmu"):
                return state._replace(opened=state.opened - own)
            case Bug():
                return state._replace(ended=True)
            case Leaked() if not state.opened and not state.ended:
                return Violation("a page of kernel memory never came back", event)
            case _:
                return state


class HoldsNothing(Monitor[frozenset[tuple[int, str]]]):
    """At the end of a gather each of its tables is freed, or RCU's."""

    reads = (*CALLS, *FREES, CallRcu)

    def initial(self, boot: Booted, /) -> frozenset[tuple[int, str]]:
        return frozenset()

    def step(self, state: frozenset[tuple[int, str]], event: AnyEvent, /) -> frozenset[tuple[int, str]] | Violation:
        if isinstance(event, Leave):
            if event.fn == "tlb_finish_mmu" and any(agent == event.agent for _, agent in state):
                return Violation("the gather ended and still holds a table", event)
            return state
        table = given(event)
        if table is not None:
            return state | {(table, event.agent)}
        gone = event.tables if isinstance(event, CallRcu) else freed(event)
        return frozenset(entry for entry in state if entry[0] not in gone) if gone else state


class Moves(NamedTuple):
    """Where each agent is inside a section without migration, and what it has in which place."""

    pinned: frozenset[str]
    moved: bool
    tables: frozenset[tuple[int, str]]
    #: entries in the hash batch when it was taken
    held: int
    #: CPUs, with the agents that have put entries into their hash batches
    waiting: frozenset[tuple[int, str]]

    def put_back(self, event: PutCpuVar, /) -> Moves:
        """The hash batch is put back: does anything of this agent wait in it now?"""
        waiting = self.waiting
        if event.index == 0:
            waiting = frozenset(entry for entry in waiting if entry[0] != event.cpu)
        elif event.index > self.held:
            waiting = waiting | {(event.cpu, event.agent)}
        return self._replace(pinned=self.pinned - {event.agent}, waiting=waiting)


class NoPerCpuState(Monitor[Moves]):
    """A gather that has moved to another CPU still has all that it had."""

    reads = (*CALLS, *FREES, CallRcu, Migrate, GetCpuVar, PutCpuVar)

    def initial(self, boot: Booted, /) -> Moves:
        return Moves(frozenset(), False, frozenset(), 0, frozenset())

    def step(self, state: Moves, event: AnyEvent, /) -> Moves | Violation:
        match event:
            case Migrate() if (event.cpu, event.agent) in state.waiting:
                return Violation("after a move entries wait in the hash batch of the CPU that was left", event)
            case Migrate():
                return state._replace(moved=True)
            case GetCpuVar():
                return state._replace(pinned=state.pinned | {event.agent}, held=event.index)
            case PutCpuVar():
                return state.put_back(event)
            case Leave(fn="tlb_finish_mmu") if state.moved and any(who == event.agent for _, who in state.tables):
                return Violation("after a move to another CPU the gather no longer knew its tables", event)
            case Leave() if event.agent in state.pinned:
                return Violation("a call returned with a per-CPU variable still held", event)
            case Enter() if (table := given(event)) is not None:
                return state._replace(tables=state.tables | {(table, event.agent)})
        gone = event.tables if isinstance(event, CallRcu) else freed(event)
        if not gone:
            return state
        return state._replace(tables=frozenset(entry for entry in state.tables if entry[0] not in gone))


class Detached(Monitor[frozenset[str]]):
    """Tables are given only after their VMA has left every reverse map."""

    reads = (Enter, DetachVma)

    def initial(self, boot: Booted, /) -> frozenset[str]:
        return frozenset()

    def step(self, state: frozenset[str], event: AnyEvent, /) -> frozenset[str] | Violation:
        if isinstance(event, DetachVma):
            return state | {event.agent}
        if given(event) is not None and event.agent not in state:
            return Violation("a table is given while its VMA can still be found", event)
        return state


TLB_H: Final = "include/asm-generic/tlb.h"
RULES: Final = (
    Rule(
        id="gather.every-field-written",
        row="G1",
        level=Level.MUST,
        sentence="tlb_gather_mmu() writes every field that is read later: the gather may hold anything before.",
        sources=(Source(TLB_H, "tlb->fullmm = full_mm_flush", (325, 334)),),
        evidence=Evidence.RECONSTRUCTED,
        monitor=EveryFieldWritten(),
        status=over_time({"v2.6.37": REQUIRED, "rfc-2010-base": as_written("S7"), "v3.0": REQUIRED}),
    ),
    Rule(
        id="gather.finished-once",
        row="G2",
        level=Level.MUST,
        sentence="Every gather is begun before it is used, and finished exactly once.",
        sources=(Source(TLB_H, "struct mmu_gather is an opaque type", (306, 308)),),
        evidence=Evidence.DERIVED,
        monitor=FinishedOnce(),
        status=ALWAYS,
        binds=Binds.CALLER,
    ),
    Rule(
        id="gather.nothing-kept",
        row="G2",
        level=Level.MUST,
        sentence="When every gather has ended and every callback has run, all kernel memory has come back.",
        sources=(Source("mm/memory.c", "free_page((unsigned long)batch)", (388, 388)),),
        evidence=Evidence.DERIVED,
        monitor=NothingKept(),
        status=ALWAYS,
    ),
    Rule(
        id="gather.holds-nothing-after-finish",
        row="D7",
        level=Level.MUST,
        sentence="When tlb_finish_mmu() returns, each table of the gather is freed or belongs to RCU.",
        sources=(
            Source(TLB_H, "tlb_table_flush(tlb)", (340, 342)),
            Source(TLB_H + " (6.12)", "Finish in particular will issue a (final) TLB invalidate"),
        ),
        evidence=Evidence.KERNEL,
        monitor=HoldsNothing(),
        status=ALWAYS,
    ),
    Rule(
        id="gather.keeps-nothing-in-a-cpu",
        row="G3",
        level=Level.MUST,
        sentence="Between two calls the gather may move to another CPU, and nothing of it stays behind.",
        sources=(Source(TLB_H, "struct mmu_table_batch *batch", (319, 321)),),
        evidence=Evidence.DERIVED,
        monitor=NoPerCpuState(),
        status=over_time({"rfc-2010-base": REQUIRED}),
    ),
    Rule(
        id="gather.vma-detached-first",
        row="G7",
        level=Level.MUST,
        sentence=(
            "A table is given only after its VMA was removed from every reverse map, with mmap_sem held for writing."
        ),
        sources=(Source("mm/memory.c (2.6.37), free_pgtables", "Hide vma from rmap and truncate_pagecache"),),
        evidence=Evidence.KERNEL,
        monitor=Detached(),
        status=ALWAYS,
        binds=Binds.CALLER,
    ),
)
