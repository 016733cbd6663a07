# SPDX-License-Identifier: GPL-2.0-only
"""The agents: who moves in a product, each with an automaton of its own.

A gather and a program are members from the start.  What they call takes part, too: each callback that RCU will run
and each handler of an IPI becomes an agent of its own, which waits until it is called, and what it calls does as
well.  A handler that does nothing but answer needs no agent, unless a rule looks at the answers.

An agent has room for what the product makes of it: its place in a state, and its edges as moves.
"""

from __future__ import annotations

from collections.abc import Sequence

from mmu_gather_spec import events as ev
from mmu_gather_spec.events import AnyEvent
from mmu_gather_spec.record import field, record

from mmu_gather_conformance.interleave import lift
from mmu_gather_conformance.interleave.automaton import (
    Act,
    Action,
    Automaton,
    Send,
    Submit,
    Synchronize,
    Synchronized,
)
from mmu_gather_conformance.interleave.effects import Machine
from mmu_gather_conformance.interleave.players import Member, Player


@record(frozen=True, slots=True)
class Look:
    """What a move does to one slice."""

    slice: int
    function: tuple[int, ...]


@record(frozen=True, slots=True)
class Move:
    """An edge, packed.  It may be taken where `state & guard == value`."""

    to: int
    guard: int
    value: int
    keep: int
    set: int
    #: pairs of a mask and how far its bits are moved up
    copies: tuple[tuple[int, int], ...]
    add: int
    looks: tuple[Look, ...]
    events: tuple[AnyEvent, ...]


@record(slots=True)
class Agent:
    """A player with its automaton, packed: where its place is in the state, and its moves from each place."""

    name: str
    cpu: int
    #: agents of one kind may be exchanged for one another, if nothing tells them apart
    kind: str
    automaton: Automaton
    #: whose call it waits for: a callback's call_rcu (and which), or a handler's IPI (and on which CPU)
    caller: tuple[str, int] | None = None
    handler: bool = False
    offset: int = 0
    mask: int = 0
    #: where its word begins, and how wide it is
    word: tuple[int, int] = (0, 0)
    moves: list[tuple[Move, ...]] = field(default_factory=list)


class Agents:
    """The members, and what they call."""

    def __init__(self, members: Sequence[Member], machine: Machine, /, *, explicit: bool) -> None:
        self.agents = [Agent(m.name, m.cpu, m.kind or m.name, m.automaton) for m in members]
        #: for a callback or handler of an agent: by which agent it is run, and where that one begins
        self.starts: dict[tuple[str, Action | tuple[Action, ...], int], tuple[int, int]] = {}
        self._machine = machine
        self._derive(explicit=explicit)

    def _derive(self, *, explicit: bool) -> None:
        """Callbacks and handlers become agents of their own; what they call does, too."""
        members = len(self._machine.players)
        for agent in self.agents:  # it grows as it goes
            self._callbacks(agent)
            self._handlers(agent, explicit=explicit)
        self._machine.players += [Player.of(each.name, each.cpu, each.automaton) for each in self.agents[members:]]

    def _callbacks(self, agent: Agent) -> None:
        for slot in range(lift.slots(agent.automaton)):
            self._machine.waits.append((agent.name, slot))
            automaton, roots = lift.callbacks(agent.automaton, slot)
            name = f"rcu {agent.name} {slot}"
            for body, root in roots.items():
                self.starts[agent.name, body, slot] = (len(self.agents), root)
            cpu = next((a.event.cpu for a in automaton.actions() if isinstance(a, Act)), agent.cpu)
            self.agents.append(Agent(name, cpu, name, automaton, (agent.name, slot)))
        if any(isinstance(action, Synchronize) for action in agent.automaton.actions()):
            self._machine.waits.append((agent.name, -1))

    def _handlers(self, agent: Agent, *, explicit: bool) -> None:
        sends = [action for action in agent.automaton.actions() if isinstance(action, Send)]
        if not sends:
            return
        handled = set()
        for cpu in sorted({cpu for send in sends for cpu in send.event.cpus}):
            bodies = dict.fromkeys(body for send in sends for at, body in send.handlers if at == cpu)
            only_answers = all(len(body) == 1 for body in bodies)
            if not bodies or (only_answers and not explicit):
                continue
            automaton, name = Automaton(), f"ipi {agent.name} {cpu}"
            for body in bodies:
                self.starts[agent.name, body, -1 - cpu] = (len(self.agents), automaton.chain(body))
            self.agents.append(Agent(name, cpu, name, automaton, (agent.name, cpu), handler=True))
            handled.add(cpu)
        self._machine.senders[agent.name] = frozenset(handled)
        self._machine.targets[agent.name] = frozenset[int]().union(*(send.event.cpus for send in sends))

    def range_of_users(self, users: int, /) -> tuple[int, int]:
        """The least and the most that mm_users can be: what nobody can change is no variable.

        Errors: ValueError where more users leave than there are.
        """
        leave = sum(self._least_users(agent) for agent in self.agents)
        if users + leave < 0:
            raise ValueError(f"of {users} users {-leave} may leave")
        low = high = users
        for agent in self.agents:
            for action in agent.automaton.actions():
                if isinstance(action, Act) and isinstance(action.event, ev.MmGet | ev.MmPut):
                    change = self._machine.effect(action, agent.name).users
                    low, high = low + min(change, 0), high + max(change, 0)
        return max(low, 0), high

    def _least_users(self, agent: Agent) -> int:
        """How far an agent by itself can bring mm_users down on its way."""
        least: list[int] = []
        for edges in agent.automaton.nodes:  # a node comes after its successors
            ways = (self._machine.effect(edge.action, agent.name).users + least[edge.to] for edge in edges)
            least.append(min((0, *ways)))
        return min(least) if agent.caller else least[agent.automaton.start]

    def events(self) -> list[AnyEvent]:
        """Every event that anybody may make."""
        found = dict.fromkeys(
            action.event
            for agent in self.agents
            for action in agent.automaton.actions()
            if isinstance(action, Act | Submit | Send | Synchronized)
        )
        return list(found)
