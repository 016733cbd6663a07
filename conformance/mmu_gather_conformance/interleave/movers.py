# SPDX-License-Identifier: GPL-2.0-only
"""Which moves have nothing to do with each other, and which therefore need no state of their own.

Two moves are *independent* if, wherever both may be taken, neither takes the other away and their order makes no
difference: to the machine's bits, and to any slice of a rule.  Two facts about grace periods make that relation
worth having.  A call_rcu copies who has IRQs off; a walker that turns them on clears its own bit in the
original and in the copy; so these two commute.  And an IPI that is sent does the same as a call_rcu.

A move that may always be taken, and is independent of every move of every other agent, can be taken at once: it is
joined to the move before it.  In any interleaving it could be pulled forward to there, past what others did in
between, and nobody would know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from mmu_gather_spec.record import record, replace

from mmu_gather_conformance.interleave.agents import Agent, Look, Move
from mmu_gather_conformance.interleave.product import Product
from mmu_gather_conformance.interleave.slices import commute, compose


@record(frozen=True, slots=True)
class Footprint:
    """What a move looks at and touches, its own agent's place apart."""

    #: bits that must be set, and bits that must be clear
    wants_set: int
    wants_clear: int
    sets: int
    clears: int
    #: bits that are copied, and where to
    sources: int
    copied: int
    #: the bits of a counter that it changes
    counts: int
    looks: tuple[Look, ...]

    @property
    def touches(self) -> int:
        """Bits that it may change."""
        return self.sets | self.clears | self.copied | self.counts


def footprint(move: Move, counter: int, /) -> Footprint:
    """The footprint of a move; `counter`: the bits of mm_users."""
    sources = copied = 0
    for bits, shift in move.copies:
        sources |= bits
        copied |= _moved(bits, shift)
    clears = ~move.keep & ~move.set & ~copied
    return Footprint(
        move.value, move.guard & ~move.value, move.set, clears, sources, copied, counter if move.add else 0, move.looks
    )


def independent(one: Footprint, other: Footprint, /) -> bool:
    """Whether two moves of different agents are, as far as the machine goes."""
    if _disables(one, other) or _disables(other, one):
        return False
    if one.sets & other.clears or one.clears & other.sets:
        return False
    return _copies_agree(one, other) and _copies_agree(other, one)


def _disables(one: Footprint, other: Footprint) -> bool:
    """Whether the first may take the second away."""
    return bool(
        other.wants_set & (one.clears | one.counts | one.copied)
        or other.wants_clear & (one.sets | one.counts | one.copied)
    )


def _copies_agree(copier: Footprint, other: Footprint) -> bool:
    """Whether a copy comes out the same before the other move and after it."""
    if not copier.sources and not copier.copied:
        return True
    if copier.sources & (other.sets | other.copied | other.counts) or copier.copied & (
        other.sets | other.copied | other.counts
    ):
        return False
    cleared = copier.sources & other.clears
    # What the other clears in the original it has to clear in the copy, and there nothing more.
    return _copy_of(copier, cleared) == copier.copied & other.clears


def _copy_of(copier: Footprint, bits: int) -> int:
    """Where these source bits go: sources and copies lie in the same order."""
    result, sources, copied = 0, copier.sources, copier.copied
    while sources and copied:
        low, to = sources & -sources, copied & -copied
        if low & bits:
            result |= to
        sources, copied = sources ^ low, copied ^ to
    return result


@record(frozen=True, slots=True)
class Area:
    """All that some moves look at or touch: who has nothing to do with that is independent of each."""

    looked: int
    touched: int
    slices: frozenset[int]


class Relation:
    """Independence of the moves of one product, worked out when it is asked; `counter`: the bits of mm_users."""

    def __init__(self, counter: int, /) -> None:
        self._counter = counter
        self._prints: dict[int, tuple[Move, Footprint]] = {}
        self._commute = cache(commute)

    def print_of(self, move: Move, /) -> Footprint:
        """The footprint of a move."""
        found = self._prints.get(id(move))
        if found is None:
            found = self._prints[id(move)] = move, footprint(move, self._counter)
        return found[1]

    def area(self, agent: Agent, /) -> Area:
        """The area of all moves of an agent."""
        looked = touched = 0
        slices: set[int] = set()
        for moves in agent.moves:
            for move in moves:
                each = self.print_of(move)
                looked |= each.wants_set | each.wants_clear | each.sources
                touched |= each.touches
                slices.update(look.slice for look in move.looks)
        return Area(looked, touched, frozenset(slices))

    def apart(self, move: Move, area: Area, /) -> bool:
        """Whether a move has nothing to do with an area."""
        each = self.print_of(move)
        looked = each.wants_set | each.wants_clear | each.sources
        if looked & area.touched or each.touches & (area.looked | area.touched):
            return False
        return not any(look.slice in area.slices for look in move.looks)

    def independent(self, one: Move, other: Move, /) -> bool:
        """Whether two moves of different agents are independent."""
        if one.looks and other.looks:
            theirs = {look.slice: look.function for look in other.looks}
            for look in one.looks:
                if look.slice in theirs and not self._commute(look.function, theirs[look.slice]):
                    return False
        return independent(self.print_of(one), self.print_of(other))


def calls(move: Move, called: Agent, /) -> bool:
    """Whether a move starts this agent."""
    field = called.mask << called.offset
    return bool(field) and not move.keep & field


def after_call(called: Agent, caller: Agent, /) -> frozenset[int]:
    """The nodes that a caller can reach once it has called."""
    stack = [move.to for moves in caller.moves for move in moves if calls(move, called)]
    reached: set[int] = set()
    while stack:
        node = stack.pop()
        if node not in reached:
            reached.add(node)
            stack.extend(move.to for move in caller.moves[node])
    return frozenset(reached)


def called_again(agents: Sequence[Agent], /) -> frozenset[str]:
    """Who may be called more than once: wherever such an agent is, it may yet be at its beginning."""
    by_name = {agent.name: agent for agent in agents}
    again: set[str] = set()
    for agent in agents:  # a caller comes before whom it calls
        if agent.caller is not None:
            caller = by_name[agent.caller[0]]
            behind = (move for at in after_call(agent, caller) for move in caller.moves[at])
            if caller.name in again or any(calls(move, agent) for move in behind):
                again.add(agent.name)
    return frozenset(again)


class Concurrent:
    """Who can be under way beside whom: what comes before a call is over when the called begins."""

    def __init__(self, product: Product, /) -> None:
        self.agents = product.agents
        self._by_name = {agent.name: agent for agent in self.agents}
        #: for each called agent, the nodes of its caller at which it may have been called
        self.after: dict[str, frozenset[int]] = {}
        again = called_again(self.agents)
        for agent in self.agents:
            if agent.caller is not None:
                caller = self._by_name[agent.caller[0]]
                # The caller of a second time has called the first time.
                anywhere = caller.name in again
                self.after[agent.name] = frozenset(range(len(caller.moves))) if anywhere else after_call(agent, caller)

    def beside(self, agent: Agent, node: int, /) -> Iterator[tuple[Agent, Iterable[int]]]:
        """Who may move while an agent is at a node, and from which nodes of its own."""
        for other in self.agents:
            if other is agent or self._is_before(agent, node, other):
                continue
            called_by_it = agent.caller is not None and agent.caller[0] == other.name
            yield other, self.after[agent.name] if called_by_it else range(len(other.moves))

    def _is_before(self, agent: Agent, node: int, other: Agent) -> bool:
        """Whether `other` waits to be called by an agent that has not called it when it is here."""
        return other.caller is not None and other.caller[0] == agent.name and node not in self.after[other.name]


def join(first: Move, then: Move, /) -> Move:
    """Two moves as one.  `then` is free; what it overwrites of what `first` copies need not be copied."""
    functions = {look.slice: look.function for look in first.looks}
    for look in then.looks:
        before = functions.get(look.slice)
        functions[look.slice] = look.function if before is None else compose(before, look.function)
    return replace(
        first,
        to=then.to,
        keep=first.keep & then.keep,
        set=first.set & then.keep | then.set,
        copies=tuple((kept, shift) for bits, shift in first.copies if (kept := bits & _moved(then.keep, -shift))),
        looks=tuple(Look(index, function) for index, function in sorted(functions.items())),
        events=first.events + then.events,
    )


def _moved(bits: int, shift: int) -> int:
    """Bits moved up, or down where `shift` is below zero."""
    return bits << shift if shift >= 0 else bits >> -shift


class Merger:
    """Joins moves of one product."""

    def __init__(self, product: Product, /) -> None:
        self.product = product
        self.relation = Relation(product.counter)
        self.concurrent = Concurrent(product)
        self._areas = {agent.name: self.relation.area(agent) for agent in product.agents}

    def merged(self) -> list[Agent]:
        """The agents, with every move joined to the one before it that can be."""
        return [self._agent(agent) for agent in self.product.agents]

    def _agent(self, agent: Agent) -> Agent:
        nodes: list[tuple[Move, ...]] = []
        # Whether all that may come next at a node can be joined to what came before.
        joinable: list[bool] = []
        for number in range(len(agent.moves)):  # a node comes after its successors
            joined: list[Move] = []
            for move in agent.moves[number]:
                behind = nodes[move.to] if joinable[move.to] else ()
                joined.extend([join(move, then) for then in behind] if behind else [move])
            moves = self._without_idle_reads(tuple(joined))
            nodes.append(moves)
            joinable.append(bool(moves) and all(self._is_free(move, agent, number) for move in moves))
        return replace(agent, moves=self._reached(agent, nodes))

    def _without_idle_reads(self, moves: tuple[Move, ...]) -> tuple[Move, ...]:
        """A read of mm_users of which every answer leads to the same is none: one move, without a guard."""
        counter, (low, high) = self.product.counter, self.product.users
        if not counter:
            return moves
        alike: dict[Move, list[Move]] = {}
        for move in moves:
            alike.setdefault(replace(move, value=0, events=()), []).append(move)
        answers = [{move.value for move in same} for same in alike.values() if same[0].guard == counter]
        idle = len(answers) == len(alike) and all(len(each) == high - low + 1 for each in answers)
        return tuple(replace(same[0], guard=0, value=0) for same in alike.values()) if idle else moves

    def _reached(self, agent: Agent, nodes: list[tuple[Move, ...]]) -> list[tuple[Move, ...]]:
        """The same without the nodes that no move leads to any more."""
        stack = self.product.roots_of(agent.name) if agent.caller else [agent.automaton.start]
        reached: set[int] = set()
        while stack:
            node = stack.pop()
            if node not in reached:
                reached.add(node)
                stack.extend(move.to for move in nodes[node])
        return [moves if number in reached else () for number, moves in enumerate(nodes)]

    def _is_free(self, move: Move, agent: Agent, node: int) -> bool:
        """Whether a move may always be taken, only writes, and is independent of everybody else's."""
        if move.guard or move.copies or move.add:
            return False
        for other, nodes in self.concurrent.beside(agent, node):
            if self.relation.apart(move, self._areas[other.name]):
                continue
            if not all(self.relation.independent(move, their) for at in nodes for their in other.moves[at]):
                return False
        return True
