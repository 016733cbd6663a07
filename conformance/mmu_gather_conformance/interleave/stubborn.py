# SPDX-License-Identifier: GPL-2.0-only
"""The reduced search: in each state only as many agents move as must, for every verdict to be found.

A set of agents is *stubborn* in a state if nothing that the others can do, as long as the set stands still, has
to do with what the set could do next.  Then it is enough to let the set move.  It is built from one agent: whoever
may ever do something that depends on its next moves is taken in; where it cannot move, whoever may let it.

What others *can* do is where the mechanism comes in.  While a walker has IRQs off, no grace period that was asked
for since can end, and no IPI that was sent since is answered, before that walker itself moves on.  So what
lies behind such a wait is out of reach, and the frees that a walker fears are nobody's next move.  That is the
seed's own argument, used to leave interleavings out.

Nothing here repeats for ever, since agents only go forward; so no move is put off for good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from types import ModuleType

from mmu_gather_conformance.interleave import loop
from mmu_gather_conformance.interleave.agents import Agent, Move
from mmu_gather_conformance.interleave.movers import Footprint, Relation, called_again, calls
from mmu_gather_conformance.interleave.product import Product
from mmu_gather_conformance.interleave.squeeze import Squeezed


class Preparation:
    """Works out what the inner loop looks up, for one product and its agents."""

    def __init__(self, space: Product | Squeezed, built_of: ModuleType = loop, /) -> None:
        self.space = space
        #: the loop that will run, interpreted or compiled: it wants objects of its own classes
        self.loop = built_of
        self.agents = space.agents
        self.relation = Relation(space.counter)
        self.areas = [self.relation.area(agent) for agent in space.agents]
        self.index = {agent.name: at for at, agent in enumerate(space.agents)}
        self.again = called_again(space.agents)

    def done(self) -> loop.Core:
        """The product as the inner loop wants it."""
        made: loop.Core = self.loop.Core(self.space.initial)
        for agent in self.agents:
            caller = -1 if agent.caller is None else self.index[agent.caller[0]]
            calls_at = b"" if agent.caller is None else self._may_call(self.agents[caller], agent)
            regions = self.space.regions_of(agent.name)
            actor = self.loop.Actor(agent.offset, agent.mask, regions, caller, calls_at)
            actor.nodes = [self._node(agent, moves) for moves in agent.moves]
            made.actors.append(actor)
        self._fears(made)
        self._writers(made)
        return made

    # --- steps ----------------------------------------------------------------------------

    def _node(self, agent: Agent, moves: Iterable[Move]) -> loop.Node:
        node: loop.Node = self.loop.Node()
        node.steps = [self._step(agent, move) for move in moves]
        return node

    def _step(self, agent: Agent, move: Move) -> loop.Step:
        place = agent.mask << agent.offset
        set_ = move.set | move.to << agent.offset
        step: loop.Step = self.loop.Step(move.guard, move.value, move.keep & ~place, set_, move.add)
        step.copies = [self.loop.Copy(bits, max(shift, 0), max(-shift, 0)) for bits, shift in move.copies]
        for look in move.looks:
            each, shift = self.space.slices[look.slice], self.space.shifts[look.slice]
            field = (1 << each.bits) - 1
            table = [-1 if to == each.broken else to << shift for to in look.function[: each.broken]]
            step.looks.append(self.loop.Look(look.slice, shift, field, table))
        return step

    # --- who may yet do what ----------------------------------------------------------------

    def _nodes_before(
        self, agent: Agent, chosen: Callable[[Move], bool], blocked: Callable[[Move], bool] = lambda move: False
    ) -> bytes:
        """For each node, whether a chosen move may yet be taken from it, past none that is blocked.

        Who waits to be called is at its idle node, and may yet be at any node at which it is called; so may, wherever
        it is, who is called more than once.
        """
        yes: list[int] = []
        for moves in agent.moves:  # a node comes after its successors
            open_ = [move for move in moves if not blocked(move)]
            yes.append(int(any(chosen(move) or yes[move.to] for move in open_)))
        if agent.caller is not None:
            yes[0] = int(any(yes[root] for root in self.space.roots_of(agent.name)))
            if agent.name in self.again:
                yes = [each or yes[0] for each in yes]
        return bytes(yes)

    def _may_call(self, caller: Agent, called: Agent) -> bytes:
        return self._nodes_before(caller, lambda move: calls(move, called))

    def _fears(self, made: loop.Core) -> None:
        for index, agent in enumerate(self.agents):
            waits = self.space.waits_for(agent.name)
            asked = [self._asked(other, waits) for other in self.agents]
            for node, moves in enumerate(agent.moves):
                fears = made.actors[index].nodes[node].fears
                for at, other in enumerate(self.agents):
                    if at != index and (each := self._fear(agent, node, moves, at, other, waits, asked[at])):
                        fears.append(each)

    def _fear(
        self, agent: Agent, node: int, moves: Sequence[Move], at: int, other: Agent, waits: int, asked: list[int]
    ) -> loop.Fear | None:
        """At which nodes of another something may follow that depends on these moves."""
        if all(self.relation.apart(move, self.areas[at]) for move in moves):
            return None
        dependent = {
            id(their)
            for theirs in other.moves
            for their in theirs
            if any(not self.relation.independent(move, their) for move in moves)
        }
        if not dependent:
            return None
        ever = self._nodes_before(other, lambda move: id(move) in dependent)
        meanwhile = self._nodes_before(
            other, lambda move: id(move) in dependent, lambda move: bool(move.guard & waits & ~move.value)
        )
        fear: loop.Fear = self.loop.Fear(at, ever, meanwhile, asked)
        return fear

    def _asked(self, other: Agent, waits: int) -> list[int]:
        """For each node, the waits for an agent that are tested behind it and not asked for anew before that.

        What a call asks for is asked for anew, too; a call that does not ask leaves the wait to be as it is.
        """
        masks: list[int] = []
        for moves in other.moves:
            mask = 0
            for move in moves:
                tested = move.guard & waits & ~move.value
                mask |= tested | (masks[move.to] & ~self._asks(move))
            masks.append(mask)
        if other.caller is not None:
            for move in (move for moves in self.agents[self.index[other.caller[0]]].moves for move in moves):
                if calls(move, other):
                    masks[0] |= masks[move.set >> other.offset & other.mask] & ~self._asks(move)
            if other.name in self.again:
                masks = [mask | masks[0] for mask in masks]
        return masks

    def _asks(self, move: Move) -> int:
        """The waits that a move begins."""
        return self.relation.print_of(move).copied | move.set

    def _writers(self, made: loop.Core) -> None:
        """For each bit of each guard, who may yet give it the value that is wanted."""
        prints = [[self.relation.print_of(move) for moves in agent.moves for move in moves] for agent in self.agents]
        known: dict[tuple[int, bool], list[tuple[int, bytes]]] = {}
        for index, agent in enumerate(self.agents):
            for node, moves in enumerate(agent.moves):
                for move, step in zip(moves, made.actors[index].nodes[node].steps, strict=True):
                    for at in range(move.guard.bit_length()):
                        bit = move.guard & 1 << at
                        if bit:
                            wanted = move.value & bit
                            key = bit, bool(wanted)
                            if key not in known:
                                known[key] = list(self._who_writes(bit, bool(wanted), prints))
                            each: loop.Writers = self.loop.Writers(bit, wanted)
                            each.who = [who for who, _ in known[key]]
                            each.at = [nodes for _, nodes in known[key]]
                            step.writers.append(each)

    def _who_writes(self, bit: int, wanted: bool, prints: list[list[Footprint]]) -> Iterable[tuple[int, bytes]]:
        def writes(each: Footprint) -> bool:
            return bool(((each.sets if wanted else each.clears) | each.copied | each.counts) & bit)

        for at, agent in enumerate(self.agents):
            if any(map(writes, prints[at])):
                yield at, self._nodes_before(agent, lambda move: writes(self.relation.print_of(move)))
