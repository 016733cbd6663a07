# SPDX-License-Identifier: GPL-2.0-only
"""The same product in fewer bits, once its moves have been joined.

Joining leaves places at which no agent ever stands, and perhaps a counter that nobody looks at any more.  Here the
places are numbered anew and what nobody reads is dropped, so that a state fits a machine word more often.  Nothing
else changes: it is the same graph.
"""

from __future__ import annotations

from collections.abc import Sequence

from mmu_gather_spec.events import Quiescent
from mmu_gather_spec.record import replace

from mmu_gather_conformance.interleave.agents import Agent, Move
from mmu_gather_conformance.interleave.bundle import Bundle
from mmu_gather_conformance.interleave.product import Product


class Squeezed:
    """A product whose agents' moves have been joined, with the bits that it still needs."""

    def __init__(self, product: Product, agents: Sequence[Agent], /) -> None:
        self.slices: list[Bundle] = product.slices
        self.quiescent: Quiescent = product.quiescent
        self._product = product
        self._numbers = [self._renumbered(agent) for agent in agents]
        self._runs: list[tuple[int, int, int]] = []
        self.width = 0
        self.counter = 0
        self.shifts: list[int] = []
        counted = any(move.guard & product.counter for agent in agents for moves in agent.moves for move in moves)
        dropped = 0 if counted else product.counter
        self._lay_out(product, agents, dropped)
        self.counter = self._moved(product.counter & ~dropped)
        self.halted = self._moved(product.halted)
        self.agents = [self._agent(agent, agents, index, dropped) for index, agent in enumerate(agents)]
        self.initial = self._state(product.initial, agents)

    # --- the layout ---------------------------------------------------------------------

    def _renumbered(self, agent: Agent) -> dict[int, int]:
        """New numbers for the nodes that are used, in the old order; the idle node stays 0."""
        used = [node for node, moves in enumerate(agent.moves) if moves or node == 0]
        return {node: number for number, node in enumerate(used)}

    def _lay_out(self, product: Product, agents: Sequence[Agent], dropped: int) -> None:
        """Shared bits first, then a word for each agent, as before."""
        shared = min(agent.word[0] for agent in agents)
        for bit in range(shared):
            if not dropped >> bit & 1:
                self._take(bit, 1)
        self.shifts = [
            self._place(shift) if each.bits else 0 for shift, each in zip(product.shifts, self.slices, strict=True)
        ]
        self._words: list[tuple[int, int]] = []
        for agent, numbers in zip(agents, self._numbers, strict=True):
            start = self.width
            self.width += (len(numbers) - 1).bit_length()
            low, width = agent.word
            for bit in range(low, low + width):
                if not agent.offset <= bit < agent.offset + agent.mask.bit_length():
                    self._take(bit, 1)
            self._words.append((start, self.width - start))

    def _take(self, bit: int, width: int) -> None:
        """Give old bits a new place; runs that stay together are kept together."""
        if self._runs:
            old, count, new = self._runs[-1]
            if old + count == bit and new + count == self.width:
                self._runs[-1] = old, count + width, new
                self.width += width
                return
        self._runs.append((bit, width, self.width))
        self.width += width

    def _place(self, bit: int) -> int:
        return next(new + bit - old for old, count, new in self._runs if old <= bit < old + count)

    def _moved(self, bits: int) -> int:
        """A mask of old bits as one of new bits."""
        return sum((bits >> old & ((1 << count) - 1)) << new for old, count, new in self._runs)

    # --- moves --------------------------------------------------------------------------

    def _agent(self, agent: Agent, agents: Sequence[Agent], index: int, dropped: int) -> Agent:
        numbers, (start, width) = self._numbers[index], self._words[index]
        mask = (1 << (len(numbers) - 1).bit_length()) - 1
        moves = [
            tuple(self._move(move, agents, numbers[move.to], dropped) for move in agent.moves[node]) for node in numbers
        ]
        return replace(agent, moves=moves, offset=start, mask=mask, word=(start, width))

    def _move(self, move: Move, agents: Sequence[Agent], to: int, dropped: int) -> Move:
        cleared, set_ = self._moved(~move.keep), self._moved(move.set)
        for at, other in enumerate(agents):
            field = other.mask << other.offset
            if field and not move.keep & field:  # it calls this agent
                start, count = self._words[at][0], (len(self._numbers[at]) - 1).bit_length()
                cleared |= ((1 << count) - 1) << start
                set_ |= self._numbers[at][move.set >> other.offset & other.mask] << start
        copies: dict[int, int] = {}
        for bits, shift in move.copies:
            for at in range(bits.bit_length()):
                if bits >> at & 1:
                    new = self._place(at + shift) - self._place(at)
                    copies[new] = copies.get(new, 0) | 1 << self._place(at)
        add = 0 if dropped else move.add and (1 if move.add > 0 else -1) * self._moved(abs(move.add))
        return replace(
            move, to=to, guard=self._moved(move.guard), value=self._moved(move.value), keep=~cleared, set=set_,
            copies=tuple((bits, shift) for shift, bits in sorted(copies.items())), add=add,
        )  # fmt: skip

    def _state(self, state: int, agents: Sequence[Agent]) -> int:
        moved = self._moved(state)
        for agent, numbers, (start, _) in zip(agents, self._numbers, self._words, strict=True):
            moved |= numbers[state >> agent.offset & agent.mask] << start
        return moved

    # --- what a reduction asks ------------------------------------------------------------

    def regions_of(self, name: str, /) -> int:
        """The bits that say that an agent's regions are open."""
        return self._moved(self._product.regions_of(name))

    def waits_for(self, name: str, /) -> int:
        """The bits that only this agent clears, and that others wait to see clear."""
        return self._moved(self._product.waits_for(name))

    def roots_of(self, name: str, /) -> list[int]:
        """The nodes at which a called agent begins."""
        index = next(at for at, agent in enumerate(self.agents) if agent.name == name)
        return [self._numbers[index][root] for root in self._product.roots_of(name)]
