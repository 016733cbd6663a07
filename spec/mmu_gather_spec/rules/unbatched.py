# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A table that is freed without a batch, inside the very call that gives it.

There are two ways to that.  Where no batch can be had, the fallback interrupts every other CPU and waits until
each has answered.  Where less than two users are read, the seed takes a shortcut and waits for nobody.

What is followed here is one call, from its Enter to the free inside it.  Whether the table was safe to free,
by whatever was waited for and whoever waited, is not asked here; `separation` asks that.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Final, NamedTuple

from mmu_gather_spec.events import (
    AnyEvent,
    AtomicRead,
    Booted,
    Enter,
    FreePage,
    IpiAck,
    KmemCacheFree,
    Leave,
    SmpCallFunction,
)
from mmu_gather_spec.rule import (
    ALWAYS,
    REQUIRED,
    SUPERSEDED,
    Evidence,
    Level,
    Monitor,
    Rule,
    Source,
    Violation,
    on_smp,
    over_time,
)
from mmu_gather_spec.rules.reading import INDEX_BITS, given

FLUSHES: Final = frozenset({"tlb_flush", "tlb_flush_pgtable"})


class Fallback(NamedTuple):
    """For tables freed inside the call that gave them: what that call has waited for."""

    table: int
    #: the CPUs that were sent an IPI and have not answered
    silent: frozenset[int]
    #: the online CPUs that were sent none; None where none was sent to anybody
    left_out: frozenset[int] | None
    flushing: int


NOTHING: Final = Fallback(0, frozenset(), None, 0)


class _FallbackMonitor(Monitor[Fallback]):
    """Follows one call that gives a table, from Enter to the free inside it."""

    reads = (Enter, Leave, SmpCallFunction, IpiAck, FreePage, KmemCacheFree)

    def initial(self, boot: Booted, /) -> Fallback:
        return NOTHING

    def step(self, state: Fallback, event: AnyEvent, /) -> Fallback | Violation:
        match event:
            case Enter(fn=fn) if fn in FLUSHES:
                return state._replace(flushing=state.flushing + 1)
            case Leave(fn=fn) if fn in FLUSHES:
                return state._replace(flushing=state.flushing - 1)
            case Enter() if (table := given(event)) is not None and table != state.table:
                return NOTHING._replace(table=table)
            case SmpCallFunction() if not state.flushing:
                # CPUs may be interrupted one after the other: what counts is who never was.
                before = event.online if state.left_out is None else state.left_out
                left_out = before - event.cpus - {event.cpu}
                return state._replace(silent=state.silent | event.cpus, left_out=left_out)
            case IpiAck():
                return state._replace(silent=state.silent - {event.cpu})
            case FreePage() | KmemCacheFree() if event.addr & ~INDEX_BITS == state.table:
                return self.free(state, event)
        return state

    @abstractmethod
    def free(self, state: Fallback, event: AnyEvent, /) -> Fallback | Violation:
        """The table is freed: what is wrong with that?"""


class EveryAck(_FallbackMonitor):
    """The fallback frees only after the last CPU has answered."""

    def free(self, state: Fallback, event: AnyEvent, /) -> Fallback | Violation:
        """Nobody may be silent."""
        if not state.silent:
            return state
        cpus = ", ".join(f"cpu{cpu}" for cpu in sorted(state.silent))
        return Violation(f"a table is freed before {cpus} has answered the IPI", event)


class EveryCpu(_FallbackMonitor):
    """The fallback's IPI goes to every other online CPU, not to those in mm_cpumask."""

    def free(self, state: Fallback, event: AnyEvent, /) -> Fallback | Violation:
        """Nobody may have been left out."""
        if not state.left_out:
            return state
        cpus = ", ".join(f"cpu{cpu}" for cpu in sorted(state.left_out))
        return Violation(f"a table is freed after an IPI that left out {cpus}", event)


class Shortcut(NamedTuple):
    """For the shortcut: is it taken, and is the gate open for the flush that must follow?"""

    few_users: bool
    taken: bool
    walking: frozenset[str]
    table: int


class FreedAtOnce(Monitor[Shortcut]):
    """Below two users a table may be freed at once; a flush still has to come."""

    reads = (Enter, Leave, AtomicRead, FreePage, KmemCacheFree)

    def initial(self, boot: Booted, /) -> Shortcut:
        return Shortcut(False, False, frozenset(), 0)

    def step(self, state: Shortcut, event: AnyEvent, /) -> Shortcut | Violation:
        match event:
            case Enter(fn="tlb_flush"):
                return state._replace(taken=False)
            case Enter() if (table := given(event)) is not None:
                return state._replace(few_users=False, table=table)
            case AtomicRead(var="mm_users"):
                return state._replace(few_users=event.value < 2)
            case FreePage() | KmemCacheFree() if state.few_users and event.addr & ~INDEX_BITS == state.table:
                return state._replace(taken=True)
            case Leave(fn="tlb_finish_mmu") if state.taken:
                return Violation("a table was freed at once, and the gather ended without a flush", event)
        return state


MEMORY_C: Final = "mm/memory.c"

RULES: Final = (
    Rule(
        id="separation.every-ack",
        row="B5",
        level=Level.MUST,
        sentence="The fallback frees a table only after every CPU that was sent the IPI has answered it.",
        sources=(Source(MEMORY_C, "smp_call_function(tlb_remove_table_smp_sync, NULL, 1)", (374, 374)),),
        evidence=Evidence.SEED,
        monitor=EveryAck(),
        status=ALWAYS,
        applies=on_smp,
        where="SMP",
    ),
    Rule(
        id="separation.every-cpu",
        row="B8",
        level=Level.MUST,
        sentence="The fallback's IPI goes to every other online CPU, whichever CPUs may hold translations.",
        sources=(Source(MEMORY_C, "smp_call_function(tlb_remove_table_smp_sync, NULL, 1)", (374, 374)),),
        evidence=Evidence.SEED,
        monitor=EveryCpu(),
        status=ALWAYS,
        applies=on_smp,
        where="SMP",
    ),
    Rule(
        id="separation.shortcut-below-two-users",
        row="C1",
        level=Level.MAY,
        sentence=(
            "With less than two users a table may be freed at once, without batch, grace period or IPI; "
            "a flush still follows before the gather ends."
        ),
        sources=(Source(MEMORY_C, "atomic_read(&tlb->mm->mm_users) < 2", (411, 414)),),
        evidence=Evidence.SEED,
        monitor=FreedAtOnce(),
        status=over_time({"v2.6.37": REQUIRED, "v4.19": SUPERSEDED}),
        applies=on_smp,
        where="SMP",
    ),
)
