# SPDX-License-Identifier: GPL-2.0-only
"""Agents that nothing tells apart: of states that differ only in which of them is where, one is enough.

Agents are of one class if they are of one kind, lie in words of one layout, and the product maps to itself when two
neighbours are exchanged: their moves become each other's, everybody else's stay.  That is checked, bit by bit; a
walker whose name a rule remembers is in a class of its own.  A state is put into order by sorting the words
of each class.
"""

from __future__ import annotations

from collections.abc import Callable

from mmu_gather_spec.record import record

from mmu_gather_conformance.interleave.agents import Agent, Move
from mmu_gather_conformance.interleave.search import Space


@record(frozen=True, slots=True)
class Class:
    """Agents that may be exchanged: where their words begin, and how wide they are."""

    starts: tuple[int, ...]
    width: int


def classes(space: Space, /) -> list[Class]:
    """The classes with more than one agent."""
    found: list[list[Agent]] = []
    for agent in space.agents:
        if agent.caller is not None:
            continue
        for members in found:
            if _alike(members[-1], agent) and _exchangeable(space, members[-1], agent):
                members.append(agent)
                break
        else:
            found.append([agent])
    return [
        Class(tuple(member.word[0] for member in members), members[0].word[1]) for members in found if len(members) > 1
    ]


def _alike(one: Agent, other: Agent) -> bool:
    same_place = one.offset - one.word[0] == other.offset - other.word[0]
    return one.kind == other.kind and one.word[1] == other.word[1] and one.mask == other.mask and same_place


def _exchangeable(space: Space, one: Agent, other: Agent) -> bool:
    """Whether exchanging the two maps every agent's moves to moves that are there."""
    swap = exchange(one.word[0], other.word[0], one.word[1])
    if swap(space.initial) != space.initial:
        return False
    image = {one.name: other, other.name: one}
    for agent in space.agents:
        there = image.get(agent.name, agent)
        if len(there.moves) != len(agent.moves):
            return False
        for moves, theirs in zip(agent.moves, there.moves, strict=True):
            if {_swapped(move, swap) for move in moves} != {_swapped(move, _stay) for move in theirs}:
                return False
    return True


def _stay(bits: int) -> int:
    """No exchange."""
    return bits


def exchange(low: int, high: int, width: int, /) -> Callable[[int], int]:
    """The exchange of two words, on any mask of bits; bits above all words stay."""
    field = (1 << width) - 1
    both = field << low | field << high

    def swap(bits: int) -> int:
        return bits & ~both | (bits >> low & field) << high | (bits >> high & field) << low

    return swap


def _swapped(move: Move, swap: Callable[[int], int]) -> tuple[object, ...]:
    """What a move becomes, its events apart, which name its agent; copies bit by bit, since each may go another way."""
    copies = frozenset(
        (swap(1 << at), swap(1 << at + shift))
        for bits, shift in move.copies
        for at in range(bits.bit_length())
        if bits >> at & 1
    )
    masks = swap(move.guard), swap(move.value), swap(~move.keep), swap(move.set)
    return (move.to, *masks, copies, move.add, move.looks)
