# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Where a task may not move: what is said of this CPU holds only while preemption, or interrupts, are off.

A gather may be preempted and may go on elsewhere.  So whoever tells the other CPUs to drop translations and drops its
own as well has to be the same CPU for both; and whoever switches preemption off switches it on again, since the task
that called is not asked.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.events import (
    AnyEvent,
    Booted,
    Enter,
    Event,
    GetCpuVar,
    Invalidate,
    Irqs,
    Leave,
    Preempt,
    PutCpuVar,
    SmpCallFunction,
)
from mmu_gather_spec.rule import REQUIRED, Evidence, Level, Monitor, Rule, Source, Violation

#: What changes whether a task may move.
SWITCHES: Final[tuple[type[Event], ...]] = (Preempt, Irqs, GetCpuVar, PutCpuVar)


class Task(NamedTuple):
    """An agent: its preemption count, whether its interrupts are on, its open calls, and how the first found both."""

    agent: str
    depth: int = 0
    irqs_on: bool = True
    calls: int = 0
    found: tuple[int, bool] = (0, True)

    def after(self, event: AnyEvent, /) -> Task:
        """The same after one of its own switches."""
        match event:
            case Preempt():
                return self._replace(depth=event.depth)
            case Irqs():
                return self._replace(irqs_on=event.on)
            case GetCpuVar():
                return self._replace(depth=self.depth + 1)
            case PutCpuVar():
                return self._replace(depth=self.depth - 1)
            case _:
                return self

    def may_move(self) -> bool:
        """Whether it can be preempted now, and go on on another CPU."""
        return self.depth <= 0 and self.irqs_on


def of(tasks: frozenset[Task], agent: str, /) -> Task:
    """An agent's task."""
    return next((task for task in tasks if task.agent == agent), Task(agent))


class Balanced(Monitor[frozenset[Task]]):
    """A call returns with preemption and interrupts as it found them."""

    reads = (Enter, Leave, *SWITCHES)

    def initial(self, boot: Booted, /) -> frozenset[Task]:
        return frozenset()

    def step(self, state: frozenset[Task], event: AnyEvent, /) -> frozenset[Task] | Violation:
        before = of(state, event.agent)
        task = before.after(event)
        if isinstance(event, Enter):
            found = task.found if task.calls else (task.depth, task.irqs_on)
            task = task._replace(calls=task.calls + 1, found=found)
        elif isinstance(event, Leave):
            task = task._replace(calls=task.calls - 1)
            if task.calls == 0 and (task.depth, task.irqs_on) != task.found:
                was = f"preemption count {task.found[0]}, interrupts {'on' if task.found[1] else 'off'}"
                now = f"{task.depth} and {'on' if task.irqs_on else 'off'}"
                return Violation(f"{event.fn} was called with {was}, and returns with {now}", event)
        return state - {before} | {task} if task != before else state


class Flushing(NamedTuple):
    """A flush of one agent: whom it has told so far, and whether it could move when only one of the two was done."""

    agent: str
    told: bool = False
    own: bool = False
    moved: bool = False

    def halfway(self) -> bool:
        """Whether the others were told and this CPU has yet to drop its own, or the other way round."""
        return self.told != self.own


class Pinned(NamedTuple):
    """The tasks, and their flushes."""

    tasks: frozenset[Task]
    flushes: frozenset[Flushing]


class FlushPinned(Monitor[Pinned]):
    """Between telling the other CPUs and dropping its own translations a task stays where it is."""

    reads = (Enter, Leave, SmpCallFunction, Invalidate, *SWITCHES)

    def initial(self, boot: Booted, /) -> Pinned:
        return Pinned(frozenset(), frozenset())

    def step(self, state: Pinned, event: AnyEvent, /) -> Pinned | Violation:
        before = of(state.tasks, event.agent)
        task = before.after(event)
        tasks = state.tasks - {before} | {task} if task != before else state.tasks
        old = next((flush for flush in state.flushes if flush.agent == event.agent), None)
        flush = old
        match event:
            case Enter(fn="tlb_flush"):
                flush = Flushing(event.agent)
            case Leave(fn="tlb_flush") if old is not None:
                if old.told and old.own and old.moved:
                    return Violation("the task could move between telling other CPUs and dropping its own", event)
                flush = None
            case SmpCallFunction(cpus=cpus) if old is not None and cpus:
                flush = old._replace(told=True, moved=old.moved or task.may_move())
            case Invalidate(cpus=cpus) if old is not None and cpus == {event.cpu}:
                flush = old._replace(own=True, moved=old.moved or task.may_move())
            case _ if old is not None and old.halfway():
                flush = old._replace(moved=old.moved or task.may_move())
            case _:
                pass
        others = state.flushes - ({old} if old is not None else set())
        return Pinned(tasks, others | {flush} if flush is not None else others)


BOTH: Final = {"rfc-2010-base": REQUIRED, "rfc-2010": REQUIRED}

RULES: Final = (
    Rule(
        id="gather.preemption-as-found",
        row="G3",
        level=Level.MUST,
        sentence="Every call returns with preemption and interrupts switched as it found them.",
        sources=(Source("arch/powerpc/mm/tlb_nohash.c (2.6.37), flush_tlb_mm", "preempt_enable()"),),
        evidence=Evidence.DERIVED,
        monitor=Balanced(),
        status=BOTH,
    ),
    Rule(
        id="arch.flush-on-one-cpu",
        row="G3",
        level=Level.MUST,
        sentence=(
            "A tlb_flush() that tells other CPUs and drops its own CPU's translations keeps the task on that CPU until "
            "both are done."
        ),
        sources=(Source("arch/powerpc/mm/tlb_nohash.c (2.6.37), flush_tlb_mm", "preempt_disable()"),),
        evidence=Evidence.KERNEL,
        monitor=FlushPinned(),
        status=BOTH,
    ),
)
