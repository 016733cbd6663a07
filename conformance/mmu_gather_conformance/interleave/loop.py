# SPDX-License-Identifier: GPL-2.0-only
"""The inner loop: a product as plain integers and lists, and the reduced search over it.

This file may be compiled by mypyc, and then runs many times faster; interpreted it is the same search, and the one
that counts.  So it has few types and no cleverness, and it knows no rules, no events, no names.  Compiled, a state
has at most 62 bits.  A step is a guard, masks, copies, and a look at some slices; a look's table holds the new bits
of its slice, or -1 where the rule breaks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mypy_extensions import i64

#: How often the caller is told how far the search has come: every so many states.
TELL_EVERY: Final = 20_000


#: Told now and then: states so far, and states that wait.
Tell = Callable[[int, int], None]


def nobody(states: int, waiting: int) -> None:
    """Nobody is told."""


class Look:
    """What a step does to one slice."""

    def __init__(self, slice_: int, shift: int, field: int, table: list[int]) -> None:
        self.slice: int = slice_
        self.shift: i64 = shift
        self.field: i64 = field
        self.clear: i64 = ~(field << shift)
        self.table: list[int] = table


class Copy:
    """Bits that are copied, and how far they go: one of `up` and `down` is 0."""

    def __init__(self, bits: int, up: int, down: int) -> None:
        self.bits: i64 = bits
        self.up: i64 = up
        self.down: i64 = down


class Step:
    """One move."""

    def __init__(self, guard: int, value: int, keep: int, set_: int, add: int) -> None:
        self.guard: i64 = guard
        self.value: i64 = value
        self.keep: i64 = keep
        self.set: i64 = set_
        self.add: i64 = add
        self.copies: list[Copy] = []
        self.looks: list[Look] = []
        #: for each bit of the guard: the bit, whether it must be set, and who may yet make it so
        self.writers: list[Writers] = []


class Writers:
    """Who may yet give a bit the value that a guard wants: agents, and for each of their nodes whether."""

    def __init__(self, bit: int, wanted: int) -> None:
        self.bit: i64 = bit
        self.wanted: i64 = wanted
        self.who: list[int] = []
        self.at: list[bytes] = []


class Fear:
    """An agent that may yet do what depends on a node's steps: at which of its nodes."""

    def __init__(self, other: int, ever: bytes, meanwhile: bytes, asked: list[int]) -> None:
        self.other: int = other
        self.ever: bytes = ever
        self.meanwhile: bytes = meanwhile
        #: waits that must hold for `meanwhile` to be the answer, by the other's node
        self.asked: list[int] = asked


class Node:
    """What an agent may do from one place, and whom it has to fear there."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.fears: list[Fear] = []


class Actor:
    """One agent."""

    def __init__(self, offset: int, mask: int, regions: int, caller: int, calls_at: bytes) -> None:
        self.offset: i64 = offset
        self.mask: i64 = mask
        #: the bits that say that its regions are open
        self.regions: i64 = regions
        #: who may yet call it, -1 for nobody; and at which of the caller's nodes
        self.caller: int = caller
        self.calls_at: bytes = calls_at
        self.nodes: list[Node] = []


class Core:
    """A product, ready to be searched."""

    def __init__(self, initial: int) -> None:
        self.initial: int = initial
        self.actors: list[Actor] = []
        #: words that may be sorted: where each begins, by class
        self.starts: list[list[int]] = []
        self.fields: list[int] = []

    def in_order(self, state: i64) -> i64:
        """The state with the words of each class sorted."""
        for index in range(len(self.starts)):
            starts = self.starts[index]
            field: i64 = self.fields[index]
            words: list[int] = []
            in_turn = True
            last: i64 = -1
            for start in starts:
                shift: i64 = start
                word: i64 = state >> shift & field
                if word < last:
                    in_turn = False
                last = word
                words.append(word)
            if in_turn:
                continue
            words.sort()
            for at in range(len(starts)):
                low: i64 = starts[at]
                fresh: i64 = words[at]
                state = state & ~(field << low) | fresh << low
        return state


class Found:
    """What the loop found."""

    def __init__(self) -> None:
        self.states: int = 0
        self.moves: int = 0
        #: states with a step that breaks a rule, the agent, and the slice
        self.broken: list[tuple[int, int, int]] = []
        #: states in which nobody can go on
        self.stuck: list[int] = []
        self.complete: bool = True


def after(state: i64, step: Step) -> i64:
    """Where a step leads; below zero (~slice) where it breaks a rule."""
    to: i64 = (state & step.keep | step.set) + step.add
    for copy in step.copies:
        copied: i64 = state & copy.bits
        to |= copied << copy.up >> copy.down
    for look in step.looks:
        index: i64 = state >> look.shift & look.field
        fresh: i64 = look.table[index]
        if fresh < 0:
            broken: i64 = look.slice
            return -1 - broken
        to = to & look.clear | fresh
    return to


def enabled(node: Node, state: i64) -> list[Step]:
    """The steps from a node that may be taken."""
    found: list[Step] = []
    for step in node.steps:
        if state & step.guard == step.value:
            found.append(step)
    return found


def stubborn(core: Core, state: i64, at: list[int], can: list[list[Step]], movers: list[int]) -> list[int]:
    """As few of the movers as must move now."""
    best = movers
    least = len(movers)
    for seed in movers:
        taken = [False] * len(at)
        taken[seed] = True
        work = [seed]
        members: list[int] = []
        while work:
            agent = work.pop()
            if can[agent]:
                members.append(agent)
                if len(members) >= least:
                    break
                fear(core, state, agent, at, taken, work)
            wait(core, state, agent, at, taken, work)
        if len(members) < least:
            least, best = len(members), members
            if least == 1:
                break
    return best


def fear(core: Core, state: i64, agent: int, at: list[int], taken: list[bool], work: list[int]) -> None:
    """Take in whoever may yet do what depends on this agent's next steps."""
    actor = core.actors[agent]
    inside = actor.regions != 0 and state & actor.regions == actor.regions
    for each in actor.nodes[at[agent]].fears:
        other = each.other
        if taken[other]:
            continue
        where = at[other]
        if not each.ever[where]:
            continue
        if inside and not each.meanwhile[where]:
            asked: i64 = each.asked[where]
            if state & asked == asked:
                continue
        taken[other] = True
        work.append(other)


def wait(core: Core, state: i64, agent: int, at: list[int], taken: list[bool], work: list[int]) -> None:
    """For each step that may not be taken yet: take in whoever may let it."""
    actor = core.actors[agent]
    where = at[agent]
    if where == 0 and actor.caller >= 0:
        if not taken[actor.caller] and actor.calls_at[at[actor.caller]]:
            taken[actor.caller] = True
            work.append(actor.caller)
        return
    for step in actor.nodes[where].steps:
        if state & step.guard == step.value:
            continue
        least: list[int] = []
        first = True
        for writers in step.writers:
            if state & writers.bit == writers.wanted:
                continue
            more: list[int] = []
            for index in range(len(writers.who)):
                who = writers.who[index]
                if who != agent and not taken[who] and writers.at[index][at[who]]:
                    more.append(who)
            if first or len(more) < len(least):
                least, first = more, False
                if not more:
                    break
        for who in least:
            taken[who] = True
            work.append(who)


def search(core: Core, found: Found, most: int, reduce: bool, sort: bool, tell: Tell) -> None:
    """Visit every state that has to be visited; what is found is in `found` even if this is interrupted."""
    actors = core.actors
    agents = range(len(actors))
    start = core.in_order(core.initial) if sort else core.initial
    seen: set[int] = {start}
    stack: list[int] = [start]
    at: list[int] = [0] * len(actors)
    nothing: list[Step] = []
    can: list[list[Step]] = [nothing] * len(actors)
    count = 0
    while stack:
        state: i64 = stack.pop()
        count += 1
        if count == TELL_EVERY:
            count = 0
            found.states = len(seen)
            tell(len(seen), len(stack))
        movers: list[int] = []
        for index in agents:
            actor = actors[index]
            where: i64 = state >> actor.offset & actor.mask
            at[index] = where
            can[index] = enabled(actor.nodes[where], state)
            if can[index]:
                movers.append(index)
        if not movers:
            found.stuck.append(state)
            continue
        if reduce and len(movers) > 1:
            movers = stubborn(core, state, at, can, movers)
        for index in movers:
            for step in can[index]:
                to: i64 = after(state, step)
                found.moves += 1
                if to < 0:
                    found.broken.append((state, index, -1 - to))
                    continue
                if sort:
                    to = core.in_order(to)
                if to not in seen:
                    seen.add(to)
                    stack.append(to)
        if len(seen) > most:
            found.complete = False
            break
    found.states = len(seen)
