# SPDX-License-Identifier: GPL-2.0-only
"""The plain search: every interleaving, one state after the other, nothing left out.

It is the meaning of a verdict.  Every reduction is an argument that this search would have said the same, and is
compared with it.  Breadth first, so that the first violation of each kind has a shortest schedule.

A violation ends its interleaving.  So does a state in which nobody can go on: if everybody has ended that is
*quiescence*, and the rules are told; if not, it is a deadlock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from mmu_gather_conformance.interleave.product import Move, Product

#: No search keeps more states than this unless it is told to.
MOST_STATES: Final = 5_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """An agent's move; what a schedule is a list of."""

    agent: int
    move: Move


@dataclass(frozen=True, slots=True)
class Broken:
    """A violation as a search meets it: which slice; None where nobody can go on."""

    slice: int | None
    #: the state before the offending step, and the step; no step for what quiescence or a deadlock shows
    state: int
    step: Step | None


@dataclass(slots=True)
class Result:
    """What a search found."""

    states: int = 0
    moves: int = 0
    #: the first violation of each kind
    broken: dict[tuple[int | None, str], Broken] = field(default_factory=dict)
    #: whether some interleaving came to its end without a violation
    clean: bool = False
    #: whether everything was visited
    complete: bool = True

    @property
    def answer(self) -> str:
        """In herd's words, about the violation: Never, Sometimes, Always."""
        if not self.broken:
            return "Never"
        return "Sometimes" if self.clean or not self.complete else "Always"


#: Told now and then: states so far, states that wait.
Progress = Callable[[int, int], None]


def nobody(states: int, waiting: int) -> None:
    """Nobody is told."""


def successors(product: Product, state: int, /) -> Iterator[tuple[Step, int]]:
    """Every move that may be taken in a state, and where it leads; below zero (~slice) where a rule breaks."""
    for index, agent in enumerate(product.agents):
        for move in agent.moves[state >> agent.offset & agent.mask]:
            if state & move.guard == move.value:
                step = Step(index, move)
                yield step, take(product, state, step)


def take(product: Product, state: int, step: Step, /) -> int:
    """Where a step leads; below zero (~slice) where a rule breaks."""
    agent, move = product.agents[step.agent], step.move
    after = state & move.keep & ~(agent.mask << agent.offset) | move.set | move.to << agent.offset
    for bits, shift in move.copies:
        after |= (state & bits) << shift if shift >= 0 else (state & bits) >> -shift
    after += move.add
    for look in move.looks:
        shift, each = product.shifts[look.slice], product.slices[look.slice]
        field_ = (1 << each.bits) - 1
        number = look.function[state >> shift & field_]
        if number == each.broken:
            return ~look.slice
        after = after & ~(field_ << shift) | number << shift
    return after


def stuck(product: Product, state: int, /) -> bool:
    """Whether nobody can go on."""
    return next(successors(product, state), None) is None


def ended(product: Product, state: int, /) -> bool:
    """Whether every agent has ended, or was never called."""
    return all(not state >> agent.offset & agent.mask for agent in product.agents)


def at_quiescence(product: Product, state: int, /) -> list[int]:
    """The slices that quiescence breaks."""
    return [
        index
        for index, (each, shift) in enumerate(zip(product.slices, product.shifts, strict=True))
        if product.quiescent in each.steps
        and each.steps[product.quiescent][state >> shift & ((1 << each.bits) - 1)] == each.broken
    ]


def erratum(product: Product, broken: Broken, /) -> str:
    """The known defect that a violation is; empty for none."""
    if broken.slice is None:
        return ""
    each, shift = product.slices[broken.slice], product.shifts[broken.slice]
    number = broken.state >> shift & ((1 << each.bits) - 1)
    events = (product.quiescent,) if broken.step is None else broken.step.move.events
    for event in events:
        if (event, number) in each.violations:
            return each.violations[event, number].erratum or ""
        if event in each.steps:
            number = each.steps[event][number]
    return ""


def finish(product: Product, state: int, result: Result, /) -> None:
    """Nobody can go on: quiescence, or a deadlock."""
    if not ended(product, state):
        note(product, result, Broken(None, state, None))
        return
    broken = at_quiescence(product, state)
    for index in broken:
        note(product, result, Broken(index, state, None))
    result.clean |= not broken


def note(product: Product, result: Result, broken: Broken, /) -> None:
    """Keep a violation if it is the first of its kind."""
    rule = None if broken.slice is None else broken.slice
    result.broken.setdefault((rule, erratum(product, broken)), broken)


def plain(
    product: Product, /, most: int = MOST_STATES, tell: Progress = nobody
) -> tuple[Result, dict[int, tuple[int, Step] | None]]:
    """Visit every state; from where each was reached first."""
    result = Result()
    came: dict[int, tuple[int, Step] | None] = {product.initial: None}
    layer = [product.initial]
    while layer:
        beyond: list[int] = []
        for state in layer:
            stuck = True
            for step, after in successors(product, state):
                stuck = False
                result.moves += 1
                if after < 0:
                    note(product, result, Broken(~after, state, step))
                elif after not in came:
                    came[after] = state, step
                    beyond.append(after)
            if stuck:
                finish(product, state, result)
            if len(came) > most:
                result.complete = False
                result.states = len(came)
                return result, came
        tell(len(came), len(beyond))
        layer = beyond
    result.states = len(came)
    return result, came


def schedule(came: dict[int, tuple[int, Step] | None], broken: Broken, /) -> list[Step]:
    """The steps that lead to a violation, the offending one last."""
    steps = [] if broken.step is None else [broken.step]
    before = came[broken.state]
    while before is not None:
        state, step = before
        steps.append(step)
        before = came[state]
    return steps[::-1]
