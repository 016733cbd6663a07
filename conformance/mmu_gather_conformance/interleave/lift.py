# SPDX-License-Identifier: GPL-2.0-only
"""From a recording to an automaton, and from a program to one.

A recording holds a run for each pattern of answers, and every run of it ends with the callbacks and handlers that
it left behind.  Here they become agents of their own again: a callback goes to the call_rcu that queued it, a
handler to the IPI that called it.  What is left is what the gather's own task does; its runs, laid over each
other, are a tree that branches where the kernel's answers differ.

A program (a walker, a hardware walker) is a generator that yields the events that may happen next and is told
which did.  It is run once for each pattern, as a port is.

A recording in which the same beginning has two different callbacks is not a function of the kernel's answers:
`Untestable`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TypeAlias

from mmu_gather_spec import events as ev
from mmu_gather_spec.record import record, replace

from mmu_gather_conformance.interleave.automaton import (
    ENDED,
    Act,
    Action,
    Automaton,
    Await,
    Edge,
    Send,
    Submit,
    Synchronize,
    Synchronized,
    Tree,
)
from mmu_gather_conformance.recorder import Outcome, Recording

#: What a walker is: it yields what may happen next, and is told what did.
Program: TypeAlias = Generator[tuple[ev.AnyEvent, ...], ev.AnyEvent, None]


class Untestable(Exception):
    """The port's behaviour cannot be interleaved: it is no function of the kernel's answers."""


@record(slots=True)
class Regions:
    """What one agent holds back at this point of its run."""

    preempt: int = 0
    irqs_off: bool = False
    reading: bool = False
    #: how many calls it is in: what a caller has preemption off for by itself is the lock of a PTE table
    calls: int = 0
    locked: bool = False
    #: whether this is a callback or a handler
    in_interrupt: bool = False

    def act(self, event: ev.AnyEvent, /) -> Act:
        """The action that an event is, with what it opens and closes."""
        before = self._open()
        match event:
            case ev.Enter():
                self.calls += 1
            case ev.Leave():
                self.calls -= 1
            case ev.Preempt():
                self.locked = event.depth > self.preempt if self.calls == 0 else self.locked
                self.preempt = event.depth
            case ev.GetCpuVar():
                self.preempt += 1
            case ev.PutCpuVar():
                self.preempt -= 1
            case ev.ContextLock():
                self.preempt += 1 if event.held else -1
            case ev.Irqs():
                self.irqs_off = not event.on
            case ev.WalkBegin():
                self.irqs_off, self.reading = not event.irqs_on, event.irqs_on
            case ev.WalkEnd():
                self.irqs_off = self.reading = False
            case ev.Bug() if not self.irqs_off:  # the task is over, and nothing of it is left that could be waited for
                self.preempt, self.reading, self.locked = 0, False, False
        after = self._open()
        irqs, quiet, reading, locks = (new if new != old else None for old, new in zip(before, after, strict=True))
        halts = isinstance(event, ev.Bug) and (self.irqs_off or self.in_interrupt)
        return Act(event, irqs, quiet, reading, locks, halts=halts)

    def _open(self) -> tuple[bool, bool, bool, bool]:
        return self.irqs_off, self.preempt > 0 or self.irqs_off, self.reading, self.locked


def program(make: Callable[[], Program], /) -> Automaton:
    """The automaton of a program, by running it once for each pattern of what happens."""
    automaton, tree = Automaton(), Tree()
    pending: list[tuple[int, ...]] = [()]
    while pending:
        prefix = pending.pop()
        taken, asked, offered = _play(make(), prefix)
        regions = Regions()
        tree.add(regions.act(event) for event in taken)
        for at in range(len(prefix), len(asked)):
            pending.extend((*asked[:at], other) for other in range(1, offered[at]))
    automaton.start = tree.fold(automaton)
    return automaton


def _play(running: Program, prefix: Sequence[int]) -> tuple[list[ev.AnyEvent], tuple[int, ...], list[int]]:
    """One run, these choices first, then always the first: its events, its choices, and of how many each was one."""
    taken: list[ev.AnyEvent] = []
    asked: list[int] = []
    width: list[int] = []
    try:
        offered = next(running)
        while True:
            choice = prefix[len(asked)] if len(asked) < len(prefix) else 0
            asked.append(choice)
            width.append(len(offered))
            taken.append(offered[choice])
            offered = running.send(offered[choice])
    except StopIteration:
        return taken, tuple(asked), width


def recording(recorded: Recording, agent: str, /) -> Automaton:
    """The automaton of a gather's task.

    Errors: Untestable for a recording that did not end or is not closed, for one that showed state shared
    between gathers, and where equal beginnings go on differently.
    """
    if not recorded.closed:
        raise Untestable("not every pattern of answers was recorded")
    automaton, tree = Automaton(), Tree()
    for run in recorded.runs:
        if run.outcome is not Outcome.ENDED:
            raise Untestable(f"a run {run.outcome.value}: {run.detail}")
        if any(isinstance(event, ev.Shared) for event in run.trace):
            raise Untestable("what another gather does changes what this one does")
        if run.plain:
            tree.add(_Task(run.trace, agent).actions())
    _settle(tree)
    automaton.start = tree.fold(automaton)
    return automaton


def _settle(tree: Tree) -> None:
    """Equal beginnings must have equal callbacks and handlers: at most one edge for each call_rcu, and for each IPI."""
    stack = [tree]
    while stack:
        branches = stack.pop().branches
        calls = [action for action in branches if isinstance(action, Submit)]
        sends = [action.event for action in branches if isinstance(action, Send)]
        if len(calls) > 1 or len(sends) > len(set(sends)):
            raise Untestable("what a callback or a handler does depends on what happened after it was asked for")
        stack.extend(branches.values())


class _Task:
    """One run, taken apart: what the task does, with callbacks and handlers at the events that began them."""

    def __init__(self, trace: ev.Trace, agent: str) -> None:
        self.agent = agent
        self.own: list[ev.AnyEvent] = []
        self.callbacks: dict[int, list[list[ev.AnyEvent]]] = {}
        #: whether BUG() ended the machine: then not every callback and handler has run
        self.halted = not isinstance(trace[-1], ev.Quiescent)
        self._take_apart(trace)
        #: handlers of IPIs that were not waited for: they ran when the task had ended
        self.late: list[ev.AnyEvent] = []
        while self.own and self.own[-1].agent == "ipi":
            self.late.insert(0, self.own.pop())
        if self.own and isinstance(last := self.own[-1], ev.SmpCallFunction) and last.wait:
            _, its = self._handlers(self.late, 0, len(last.cpus))
            self.own += self.late[:its]
            del self.late[:its]

    def _take_apart(self, trace: ev.Trace) -> None:
        into = self.own
        for event in trace[1:]:
            match event:
                case ev.GracePeriod() if event.head:
                    into = []
                    self.callbacks.setdefault(event.head, []).append(into)
                    into.append(event)
                case ev.CallbackEnd():
                    into.append(event)
                    into = self.own
                case ev.Leaked() | ev.Quiescent() | ev.Diverged():
                    pass
                case _:
                    into.append(event)

    def actions(self) -> Iterator[Action]:
        """What the task does."""
        return self._sequence(self.own, Regions())

    def _sequence(self, events: Sequence[ev.AnyEvent], regions: Regions) -> Iterator[Action]:
        slot, at, unanswered = 0, 0, False
        while at < len(events):
            event = events[at]
            at += 1
            match event:
                case ev.SmpCallFunction():
                    if unanswered:  # csd_lock(): there is one call for each CPU, and it is in use
                        yield Await(event.cpu)
                    if event.wait:
                        handlers, at = self._handlers(events, at)
                    else:
                        handlers, gone = self._handlers(self.late, 0, len(event.cpus))
                        del self.late[:gone]
                    yield Send(event, handlers)
                    if event.wait:
                        yield Await(event.cpu)
                    unanswered = not event.wait
                case ev.CallRcu():
                    yield Submit(event, slot, self._callback(event))
                    slot += 1
                case ev.GracePeriod() if not event.head:
                    yield Synchronize(event.flavour, event.cpu)
                    yield Synchronized(event)
                case _:
                    yield regions.act(event)

    def _callback(self, event: ev.CallRcu) -> tuple[Action, ...]:
        """What a call_rcu led to, in the order in which calls with one head were made."""
        bodies = self.callbacks.get(event.head)
        if not bodies:
            if self.halted:
                raise Untestable("BUG ended the machine before every callback had run: what they do is not known")
            return ()  # the head was queued already
        return tuple(self._sequence(bodies.pop(0), Regions(in_interrupt=True)))

    @staticmethod
    def _handlers(
        events: Sequence[ev.AnyEvent], at: int, most: int | None = None
    ) -> tuple[tuple[tuple[int, tuple[Action, ...]], ...], int]:
        """The handlers that ran at this point, by CPU, and where the caller goes on."""
        handlers: list[tuple[int, tuple[Action, ...]]] = []
        body: list[Action] = []
        regions = Regions(in_interrupt=True)
        while at < len(events) and events[at].agent == "ipi" and len(handlers) != most:
            body.append(regions.act(events[at]))
            if isinstance(events[at], ev.IpiAck | ev.Bug):
                handlers.append((events[at].cpu, tuple(body)))
                body, regions = [], Regions(in_interrupt=True)
            at += 1
        return tuple(handlers), at


def kept(automaton: Automaton, /) -> Automaton:
    """The same task in a kernel that is not preemptible: it keeps its CPU from its first step to its last.

    It may be interrupted, and what it waits for may happen; only no other task runs on its CPU meanwhile.  A
    grace period does not wait for it on that account: what is guaranteed is that it waits for regions with
    IRQs or preemption off, and a task may pass a place where it could have slept without being seen to.
    """
    made = Automaton()
    for number, edges in enumerate(automaton.nodes):
        if number != ENDED:
            made.nodes.append(tuple(_kept(edge, first=number == automaton.start) for edge in edges))
    made.start = automaton.start
    return made


def _kept(edge: Edge, *, first: bool) -> Edge:
    last = edge.to == ENDED
    if first == last or not isinstance(edge.action, Act):
        return edge
    return replace(edge, action=replace(edge.action, keeps=first))


def callbacks(automaton: Automaton, slot: int, /) -> tuple[Automaton, dict[tuple[Action, ...], int]]:
    """What may run for one call_rcu of an agent: an automaton, and where each callback begins in it."""
    made = Automaton()
    bodies = dict.fromkeys(
        action.callback for action in automaton.actions() if isinstance(action, Submit) and action.slot == slot
    )
    return made, {body: made.chain(body) for body in bodies}


def slots(automaton: Automaton, /) -> int:
    """How many times an agent calls call_rcu at most."""
    return max((action.slot + 1 for action in automaton.actions() if isinstance(action, Submit)), default=0)


__all__ = ["Edge", "Program", "Untestable", "callbacks", "kept", "program", "recording", "slots"]
