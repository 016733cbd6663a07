# SPDX-License-Identifier: GPL-2.0-only
"""The plain search: every interleaving, one state after the other, nothing left out.

It is the meaning of a verdict.  Every reduction is an argument that this search would have said the same, and is
compared with it.  Breadth first, so that the first violation of each kind has a shortest schedule.

A violation ends its interleaving.  So does a state in which nobody can go on: if everybody has ended that is
*quiescence*, and the rules are told; if not, it is a deadlock.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final, Protocol, TypeAlias

from mmu_gather_spec.events import Quiescent
from mmu_gather_spec.record import field, record

from mmu_gather_conformance.interleave.agents import Agent, Move
from mmu_gather_conformance.interleave.bundle import Bundle

#: A kind of violation: which rule, None for a deadlock, and which known defect, empty for none.
Kind: TypeAlias = tuple[str | None, str]
#: No search keeps more states than this unless it is told to.
MOST_STATES: Final = 5_000_000


class Space(Protocol):
    """What can be searched: a product, or the same with less in it."""

    @property
    def agents(self) -> Sequence[Agent]: ...
    @property
    def slices(self) -> Sequence[Bundle]: ...
    @property
    def shifts(self) -> Sequence[int]: ...
    @property
    def initial(self) -> int: ...
    @property
    def quiescent(self) -> Quiescent: ...
    @property
    def halted(self) -> int: ...


@record(frozen=True, slots=True)
class Step:
    """An agent's move; what a schedule is a list of."""

    agent: int
    move: Move


@record(frozen=True, slots=True)
class Broken:
    """A violation as a search meets it: which slice; None where nobody can go on."""

    slice: int | None
    #: the state before the offending step, and the step; no step for what quiescence or a deadlock shows
    state: int
    step: Step | None


@record(slots=True)
class Result:
    """What a search found."""

    states: int = 0
    moves: int = 0
    #: the first violation of each kind
    broken: dict[Kind, Broken] = field(default_factory=dict)
    #: whether some interleaving came to its end without a violation
    clean: bool = False
    #: whether everything was visited
    complete: bool = True
    #: how long a packed state is; what a search may keep is bounded by this and by how many states it may keep
    bits: int = 0

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


def successors(space: Space, state: int, /) -> Iterator[tuple[Step, int]]:
    """Every move that may be taken in a state, and where it leads; below zero (~slice) where a rule breaks."""
    for index, agent in enumerate(space.agents):
        for move in agent.moves[state >> agent.offset & agent.mask]:
            if state & move.guard == move.value:
                step = Step(index, move)
                yield step, take(space, state, step)


def take(space: Space, state: int, step: Step, /) -> int:
    """Where a step leads; below zero (~slice) where a rule breaks."""
    agent, move = space.agents[step.agent], step.move
    after = state & move.keep & ~(agent.mask << agent.offset) | move.set | move.to << agent.offset
    for bits, shift in move.copies:
        after |= (state & bits) << shift if shift >= 0 else (state & bits) >> -shift
    after += move.add
    for look in move.looks:
        shift, each = space.shifts[look.slice], space.slices[look.slice]
        field_ = (1 << each.bits) - 1
        number = look.function[state >> shift & field_]
        if number == each.broken:
            return ~look.slice
        after = after & ~(field_ << shift) | number << shift
    return after


def breaks(space: Space, state: int, move: Move, /) -> list[int]:
    """The slices that a move breaks in this state."""
    found = []
    for look in move.looks:
        shift, each = space.shifts[look.slice], space.slices[look.slice]
        if look.function[state >> shift & ((1 << each.bits) - 1)] == each.broken:
            found.append(look.slice)
    return found


def stuck(space: Space, state: int, /) -> bool:
    """Whether nobody can go on."""
    return next(successors(space, state), None) is None


def ended(space: Space, state: int, /) -> bool:
    """Whether every agent has ended, or was never called."""
    return all(not state >> agent.offset & agent.mask for agent in space.agents)


def at_quiescence(space: Space, state: int, /) -> list[int]:
    """The slices that quiescence breaks."""
    return [
        index
        for index, (each, shift) in enumerate(zip(space.slices, space.shifts, strict=True))
        if space.quiescent in each.steps
        and each.steps[space.quiescent][state >> shift & ((1 << each.bits) - 1)] == each.broken
    ]


def breaches(space: Space, broken: Broken, /) -> list[Kind]:
    """The rules that a violation breaks, and the known defect that each breach is; empty for none."""
    if broken.slice is None:
        return [(None, "")]
    each, shift = space.slices[broken.slice], space.shifts[broken.slice]
    number = broken.state >> shift & ((1 << each.bits) - 1)
    events = (space.quiescent,) if broken.step is None else broken.step.move.events
    for event in events:
        if event in each.steps:
            if each.steps[event][number] == each.broken:
                return [(rule, violation.erratum or "") for rule, violation in each.breaches(event, number)]
            number = each.steps[event][number]
    raise AssertionError("none of its events breaks the slice that this step breaks")


def finish(space: Space, state: int, result: Result, /) -> None:
    """Nobody can go on: quiescence, a deadlock, or the end of the machine, of which no rule is told."""
    if state & space.halted:
        result.clean = True
        return
    if not ended(space, state):
        note(space, result, Broken(None, state, None))
        return
    broken = at_quiescence(space, state)
    for index in broken:
        note(space, result, Broken(index, state, None))
    result.clean |= not broken


def note(space: Space, result: Result, broken: Broken, /) -> None:
    """Keep a violation if it is the first of its kind."""
    for kind in breaches(space, broken):
        result.broken.setdefault(kind, broken)


def plain(
    space: Space, /, most: int = MOST_STATES, tell: Progress = nobody, until: Collection[Kind] = ()
) -> tuple[Result, dict[int, tuple[int, Step] | None]]:
    """Visit every state; from where each was reached first.

    until: stop when violations of these kinds have been found; none: go on to the end.
    """
    result = Result()
    came: dict[int, tuple[int, Step] | None] = {space.initial: None}
    layer = [space.initial]
    while layer:
        beyond: list[int] = []
        for state in layer:
            stuck = True
            for step, after in successors(space, state):
                stuck = False
                result.moves += 1
                if after < 0:
                    for broken in breaks(space, state, step.move):
                        note(space, result, Broken(broken, state, step))
                elif after not in came:
                    came[after] = state, step
                    beyond.append(after)
            if stuck:
                finish(space, state, result)
            if len(came) > most:
                result.complete = False
                result.states = len(came)
                return result, came
        tell(len(came), len(beyond))
        layer = beyond
        if until and all(kind in result.broken for kind in until):
            result.complete = not layer
            break
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
