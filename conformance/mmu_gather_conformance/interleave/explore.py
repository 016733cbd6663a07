# SPDX-License-Identifier: GPL-2.0-only
"""How a product is explored: which reductions are used, and what the search has found, in the product's own terms.

There are four modes, and they agree: nothing left out; agents exchanged; few agents moved at a time; both.
"""

from __future__ import annotations

from types import ModuleType
from typing import Final

from mmu_gather_spec.record import record

from mmu_gather_conformance.interleave import loop, loops, symmetry
from mmu_gather_conformance.interleave.movers import Merger
from mmu_gather_conformance.interleave.product import Product
from mmu_gather_conformance.interleave.search import MOST_STATES, Broken, Result, Step, breaks, finish, note
from mmu_gather_conformance.interleave.squeeze import Squeezed
from mmu_gather_conformance.interleave.stubborn import Preparation


@record(frozen=True, slots=True)
class Mode:
    """Which interleavings are left out."""

    #: moves that concern nobody else are joined, and few agents move at a time
    stubborn: bool = True
    #: states that differ by an exchange of like agents are one
    symmetry: bool = True


PLAIN: Final = Mode(stubborn=False, symmetry=False)
REDUCED: Final = Mode()
MODES: Final = (PLAIN, Mode(stubborn=False), Mode(symmetry=False), REDUCED)


@record(slots=True)
class Prepared:
    """A product with its reductions worked out; what is left to do is to search it."""

    space: Product | Squeezed
    inner: ModuleType
    made: loop.Core
    stubborn: bool

    def search(self, most: int = MOST_STATES, tell: loop.Tell = loop.nobody) -> Result:
        """Visit what has to be visited.

        Ctrl-C ends the search and not the program: what is known by then is told, as incomplete.
        """
        found: loop.Found = self.inner.Found()
        try:
            self.inner.search(self.made, found, most, self.stubborn, bool(self.made.starts), tell)
        except KeyboardInterrupt:
            found.complete = False
        return _result(self.space, found)


def prepare(product: Product, mode: Mode = REDUCED, /, with_loop: ModuleType | None = None) -> Prepared:
    """Join moves, squeeze, and work out whom each agent has to fear, as far as the mode wants it.

    with_loop: the inner loop to use, instead of the fastest that is installed.
    """
    space: Product | Squeezed = Squeezed(product, Merger(product).merged()) if mode.stubborn else product
    inner = with_loop or loops.fitting(space.width)
    made = Preparation(space, inner).done()
    if mode.symmetry:
        for each in symmetry.classes(space):
            made.starts.append(list(each.starts))
            made.fields.append((1 << each.width) - 1)
    return Prepared(space, inner, made, mode.stubborn)


def explore(
    product: Product, mode: Mode = REDUCED, /, most: int = MOST_STATES, tell: loop.Tell = loop.nobody
) -> Result:
    """Search a product for violations.

    Every mode gives the same answer: whether some interleaving is broken, whether some interleaving is clean, and
    whether one comes to a deadlock.  Which rules are found broken may differ where there is more than one, since a
    violation ends its interleaving and hides what others would have broken later.
    """
    return prepare(product, mode).search(most, tell)


def _result(space: Product | Squeezed, found: loop.Found) -> Result:
    result = Result(found.states, found.moves, complete=found.complete, bits=space.width)
    for state, index in dict.fromkeys((state, index) for state, index, _ in found.broken):
        agent = space.agents[index]
        for move in agent.moves[state >> agent.offset & agent.mask]:
            if state & move.guard == move.value:
                for broken in breaks(space, state, move):
                    note(space, result, Broken(broken, state, Step(index, move)))
    for state in found.stuck:
        finish(space, state, result)
    return result
