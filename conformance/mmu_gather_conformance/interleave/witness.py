# SPDX-License-Identifier: GPL-2.0-only
"""A witness: a shortest schedule that ends in a violation, and the trace that it makes.

A schedule is a list of agents and which of its possible moves each took.  It is found by the plain search, breadth
first, with every IPI answered by a step of its own, so that nothing a person would want to see is left out.  The
trace is what the judge reads: the same monitors that found the violation in the search must find it there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeAlias

from mmu_gather_spec.events import AnyEvent, Trace
from mmu_gather_spec.record import record

from mmu_gather_conformance.interleave import search
from mmu_gather_conformance.interleave.product import Product

#: Who moved, and by which of the moves that were open to it.
Schedule: TypeAlias = tuple[tuple[str, int], ...]


class Strayed(Exception):
    """A schedule that this product does not take: at which step, and who was to move."""

    def __init__(self, at: int, agent: str) -> None:
        super().__init__(f"{agent} does not take step {at + 1}")


@record(frozen=True, slots=True)
class Witness:
    """A shortest interleaving with a violation of one kind."""

    #: the rule; None where nobody can go on
    rule: str | None
    erratum: str
    schedule: Schedule
    trace: Trace


def witnesses(
    product: Product, kinds: Collection[search.Kind] = (), /, most: int = search.MOST_STATES
) -> list[Witness]:
    """A shortest witness of each kind of violation, as far as `most` states reach.

    kinds: which are known to be there; when they have been found the search is over.
    """
    result, came = search.plain(product, most, until=kinds)
    found = []
    for (rule, erratum), broken in result.broken.items():
        steps = search.schedule(came, broken)
        last = () if broken.step is not None or rule is None else (product.quiescent,)
        found.append(Witness(rule, erratum, _named(product, steps), _trace(product, steps, last)))
    return found


def _named(product: Product, steps: Sequence[search.Step]) -> Schedule:
    """The schedule, in words that another product of the same litmus understands."""
    named = []
    state = product.initial
    for step in steps:
        agent = product.agents[step.agent]
        moves = agent.moves[state >> agent.offset & agent.mask]
        named.append((agent.name, moves.index(step.move)))
        state = search.take(product, state, step)
    return tuple(named)


def _trace(product: Product, steps: Sequence[search.Step], last: tuple[AnyEvent, ...]) -> Trace:
    return (product.world.boot, *(event for step in steps for event in step.move.events), *last)


def follow(product: Product, schedule: Schedule, /) -> tuple[Trace, bool]:
    """Take a schedule's steps; the trace, and whether a rule broke at the last of them.

    Errors: Strayed where the product has no such move.
    """
    state, events, broke = product.initial, list[AnyEvent](), False
    for at, (name, choice) in enumerate(schedule):
        index = next((index for index, agent in enumerate(product.agents) if agent.name == name), None)
        if index is None or state < 0:
            raise Strayed(at, name)
        agent = product.agents[index]
        moves = agent.moves[state >> agent.offset & agent.mask]
        if choice >= len(moves) or state & moves[choice].guard != moves[choice].value:
            raise Strayed(at, name)
        step = search.Step(index, moves[choice])
        events.extend(step.move.events)
        state = search.take(product, state, step)
        broke = state < 0
    if not broke and not state & product.halted and search.stuck(product, state) and search.ended(product, state):
        events.append(product.quiescent)
        broke = bool(search.at_quiescence(product, state))
    return (product.world.boot, *events), broke
