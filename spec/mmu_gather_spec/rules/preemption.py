# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Where a task may not move: what is said of this CPU holds only while preemption, or interrupts, are off.

A gather may be preempted and may go on elsewhere.  So whoever tells the other CPUs to drop translations and drops its
own as well has to be the same CPU for both; and whoever switches preemption off switches it on again, since the task
that called is not asked.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

from mmu_gather_spec.events import (
    AnyEvent,
    Booted,
    ContextLock,
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
from mmu_gather_spec.rule import ALWAYS, REQUIRED, Evidence, Level, Monitor, Rule, Source, Violation, over_time

#: What changes whether a task may move.
SWITCHES: Final[tuple[type[Event], ...]] = (Preempt, Irqs, GetCpuVar, PutCpuVar, ContextLock)


class Task(NamedTuple):
    """An agent: its preemption count, whether its interrupts are on, and its call, with how that found both."""

    agent: str
    depth: int = 0
    irqs_on: bool = True
    #: the outermost; empty outside
    call: str = ""
    found: tuple[int, bool] = (0, True)
    #: how lazy MMU mode was found when it was entered, while it lasts
    lazy: tuple[int, bool] | None = None

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
            case ContextLock():
                return self._replace(depth=self.depth + (1 if event.held else -1))
            case _:
                return self

    def may_move(self) -> bool:
        """Whether it can be preempted now, and go on on another CPU."""
        return self.depth <= 0 and self.irqs_on


#: One for each agent that has done anything that counts.
Tasks: TypeAlias = tuple[Task, ...]


def of(tasks: Tasks, agent: str, /) -> Task:
    """An agent's task."""
    for task in tasks:
        if task.agent == agent:
            return task
    return Task(agent)


def instead(tasks: Tasks, task: Task, /) -> Tasks:
    """The tasks with this one in the place of what its agent had."""
    return (*(other for other in tasks if other.agent != task.agent), task)


class Balanced(Monitor[Tasks]):
    """A call returns with preemption and interrupts as it found them; lazy MMU mode does when it is left."""

    reads = (Enter, Leave, *SWITCHES)

    def initial(self, boot: Booted, /) -> Tasks:
        return ()

    def step(self, state: Tasks, event: AnyEvent, /) -> Tasks | Violation:
        task = of(state, event.agent)
        if isinstance(event, Enter):
            if task.call:  # it is inside another, and that one is asked
                return state
            found = task.lazy if event.fn == "arch_leave_lazy_mmu_mode" else None
            return instead(state, task._replace(call=event.fn, found=found or (task.depth, task.irqs_on)))
        if isinstance(event, Leave):
            if task.call != event.fn:
                return state
            if event.fn == "arch_enter_lazy_mmu_mode":  # it may keep the task here until it is left
                return instead(state, task._replace(call="", lazy=task.found))
            if (task.depth, task.irqs_on) != task.found:
                was = f"preemption count {task.found[0]}, interrupts {'on' if task.found[1] else 'off'}"
                now = f"{task.depth} and {'on' if task.irqs_on else 'off'}"
                return Violation(f"{event.fn} was called with {was}, and returns with {now}", event)
            left = event.fn == "arch_leave_lazy_mmu_mode"
            return instead(state, task._replace(call="", lazy=None if left else task.lazy))
        after = task.after(event)
        return state if after is task else instead(state, after)


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

    tasks: Tasks
    flushes: tuple[Flushing, ...]

    def flushing(self, agent: str, /) -> Flushing | None:
        """The flush that an agent is in."""
        for flush in self.flushes:
            if flush.agent == agent:
                return flush
        return None

    def after(self, task: Task, flush: Flushing | None, /) -> Pinned:
        """The same with this task, and with its flush or none."""
        others = tuple(other for other in self.flushes if other.agent != task.agent)
        return Pinned(instead(self.tasks, task), (*others, flush) if flush is not None else others)


class FlushPinned(Monitor[Pinned]):
    """Between telling the other CPUs and dropping its own translations a task stays where it is."""

    reads = (Enter, Leave, SmpCallFunction, Invalidate, *SWITCHES)

    def initial(self, boot: Booted, /) -> Pinned:
        return Pinned((), ())

    def step(self, state: Pinned, event: AnyEvent, /) -> Pinned | Violation:
        if isinstance(event, Enter | Leave) and event.fn != "tlb_flush":
            return state
        task = of(state.tasks, event.agent).after(event)
        flush = state.flushing(event.agent)
        if isinstance(event, Enter):
            return state.after(task, Flushing(event.agent))
        if flush is None:
            return state if task in state.tasks or task == Task(event.agent) else state.after(task, None)
        match event:
            case Leave() if flush.told and flush.own and flush.moved:
                return Violation("the task could move between telling other CPUs and dropping its own", event)
            case Leave():
                return state.after(task, None)
            case SmpCallFunction(cpus=cpus) if cpus:
                flush = flush._replace(told=True, moved=flush.moved or task.may_move())
            case Invalidate(cpus=cpus) if cpus == {event.cpu}:
                flush = flush._replace(own=True, moved=flush.moved or task.may_move())
            case _ if flush.halfway():
                flush = flush._replace(moved=flush.moved or task.may_move())
            case _:
                pass
        return state.after(task, flush)


RULES: Final = (
    Rule(
        id="gather.preemption-as-found",
        row="G3",
        level=Level.MUST,
        sentence=(
            "Every call returns with preemption and interrupts switched as it found them; entering lazy MMU mode and "
            "leaving it do so together."
        ),
        sources=(Source("arch/powerpc/mm/tlb_nohash.c (2.6.37), flush_tlb_mm", "preempt_enable()"),),
        evidence=Evidence.DERIVED,
        monitor=Balanced(),
        status=over_time({"rfc-2010-base": REQUIRED}),
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
        status=ALWAYS,
    ),
)
