# SPDX-License-Identifier: GPL-2.0-only
"""An automaton: what an agent may do next, and what then; equal futures are one node.

Its edges carry actions.  An action is mostly one event; a few events take more than an instant (an IPI that is
waited for, a grace period that a task waits for) and become two actions.  Choices are the machine's: where an
answer decides, a node has an edge for each answer, and `effects` says when which may be taken.

Nothing here knows what an event means.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

from mmu_gather_spec.events import AnyEvent, CallRcu, GracePeriod, SmpCallFunction
from mmu_gather_spec.record import field, record

#: The node of an agent that has nothing left to do.
ENDED: Final = 0


@record(frozen=True, slots=True)
class Act:
    """An event, and what it does to the agent's regions: None where it opens and closes none."""

    event: AnyEvent
    #: IRQs go off (True) or on (False): an IPI is held back meanwhile
    irqs_off: bool | None = None
    #: IRQs or preemption go off, or both are on again: a sched grace period is held back meanwhile
    quiet: bool | None = None
    #: rcu_read_lock() and its end
    reading: bool | None = None
    #: the lock of a PTE table is taken, or let go
    locks: bool | None = None
    #: in a kernel that is not preemptible: this task keeps its CPU from here, or lets it go
    keeps: bool | None = None
    #: BUG() where it takes the machine along: nobody does anything any more
    halts: bool = False


@record(frozen=True, slots=True)
class Submit:
    """call_rcu: the `slot`-th of this agent.  callback: what will run, as a sequence of actions."""

    event: CallRcu
    slot: int
    callback: tuple[Action, ...]


@record(frozen=True, slots=True)
class Send:
    """An IPI.  handlers: what each target will run, by CPU."""

    event: SmpCallFunction
    handlers: tuple[tuple[int, tuple[Action, ...]], ...]


@record(frozen=True, slots=True)
class Await:
    """Every target of the last IPI has answered.  cpu: where that is waited for."""

    cpu: int


@record(frozen=True, slots=True)
class Synchronize:
    """A task begins to wait for a grace period of its own."""

    flavour: str
    cpu: int


@record(frozen=True, slots=True)
class Synchronized:
    """The grace period that a task waits for has ended."""

    event: GracePeriod


Action: TypeAlias = Act | Submit | Send | Await | Synchronize | Synchronized


def cpu_of(action: Action, /) -> int:
    """Where an action is done."""
    return action.cpu if isinstance(action, Await | Synchronize) else action.event.cpu


@record(frozen=True, slots=True)
class Edge:
    """An action, and the node behind it."""

    action: Action
    to: int


@record(slots=True)
class Automaton:
    """Nodes by number, each with its edges; node 0 has none."""

    nodes: list[tuple[Edge, ...]] = field(default_factory=lambda: [()])
    start: int = ENDED
    _numbers: dict[tuple[Edge, ...], int] = field(default_factory=lambda: {(): ENDED})

    def node(self, edges: tuple[Edge, ...], /) -> int:
        """The node with these edges; a new one only if there is none yet."""
        number = self._numbers.setdefault(edges, len(self.nodes))
        if number == len(self.nodes):
            self.nodes.append(edges)
        return number

    def chain(self, actions: Iterable[Action], /) -> int:
        """The first node of a sequence without choices."""
        node = ENDED
        for action in reversed(tuple(actions)):
            node = self.node((Edge(action, node),))
        return node

    def actions(self) -> Iterable[Action]:
        """The action of every edge."""
        return (edge.action for edges in self.nodes for edge in edges)


class Tree:
    """Sequences that share their beginnings, before equal futures are folded."""

    __slots__ = ("branches",)

    def __init__(self) -> None:
        self.branches: dict[Action, Tree] = {}

    def add(self, actions: Iterable[Action], /) -> None:
        """One more sequence."""
        tree = self
        for action in actions:
            tree = tree.branches.get(action) or tree.branches.setdefault(action, Tree())

    def fold(self, into: Automaton, /) -> int:
        """The node that stands for this tree.  It goes up from the leaves, without recursion."""
        done: dict[int, int] = {}
        stack: list[tuple[Tree, bool]] = [(self, False)]
        while stack:
            tree, ready = stack.pop()
            if ready:
                edges = tuple(Edge(action, done[id(child)]) for action, child in tree.branches.items())
                done[id(tree)] = into.node(edges)
            else:
                stack.append((tree, True))
                stack.extend((child, False) for child in tree.branches.values())
        return done[id(self)]
