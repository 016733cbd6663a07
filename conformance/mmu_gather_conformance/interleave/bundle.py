# SPDX-License-Identifier: GPL-2.0-only
"""Slices of several rules about one table, carried as one: most of what they remember is the same.

That a table is freed is known to the walkers' rule, to the one about freeing once, and to the one about loss.  Apart
they would take bits each, and a look each; together they take as many states as really differ.  A bundle breaks
where any of its slices does, and says which.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from operator import eq
from typing import Final

from mmu_gather_spec.events import AnyEvent
from mmu_gather_spec.record import record
from mmu_gather_spec.rule import Violation

from mmu_gather_conformance.interleave.slices import KEPT, Slice

#: With more states than this, slices stay apart.
MOST_STATES: Final = 512


@record(frozen=True, slots=True, eq=False)
class Bundle:
    """Slices as one automaton: each of its states stands for a state of each of them."""

    parts: tuple[Slice, ...]
    states: list[tuple[int, ...]]
    #: what each event does; one that changes nothing is not among them
    steps: dict[AnyEvent, tuple[int, ...]]

    @property
    def broken(self) -> int:
        """One past the last state: a rule has broken."""
        return len(self.states)

    @property
    def bits(self) -> int:
        """How many bits its state takes; `broken` is never stored."""
        return max(self.broken - 1, 0).bit_length()

    def breaches(self, event: AnyEvent, state: int, /) -> Iterator[tuple[str, Violation]]:
        """What breaks if this event comes in this state, and by which rule."""
        for part, own in zip(self.parts, self.states[state], strict=True):
            if (event, own) in part.violations:
                yield part.id, part.violations[event, own]


def bundled(slices: Iterable[Slice], /) -> list[Bundle]:
    """The slices, those about one table together as far as they stay small."""
    by_key: dict[int | None, list[Slice]] = {}
    for each in slices:
        by_key.setdefault(each.key, []).append(each)
    found: list[Bundle] = []
    for key, parts in by_key.items():
        whole = None if key is None else _bundle(tuple(parts))
        found.extend([whole] if whole else [bundle for part in parts if (bundle := _bundle((part,), part.broken))])
    return found


@lru_cache(maxsize=KEPT)
def _bundle(parts: tuple[Slice, ...], most: int = MOST_STATES) -> Bundle | None:
    """Slices together; None if that has too many states."""
    # Events that do the same to every part are one.
    alike: dict[tuple[tuple[int, ...] | None, ...], list[AnyEvent]] = {}
    for event in dict.fromkeys(event for part in parts for event in part.steps):
        alike.setdefault(tuple([part.steps.get(event) for part in parts]), []).append(event)
    ends = [part.broken for part in parts]
    states = [(0,) * len(parts)]
    numbers = {states[0]: 0}
    rows: list[list[int]] = [[] for _ in alike]
    for state in states:  # it grows as it goes
        for functions, row in zip(alike, rows, strict=True):
            after = tuple([own if does is None else does[own] for does, own in zip(functions, state, strict=True)])
            if any(map(eq, after, ends)):
                row.append(-1)
                continue
            number = numbers.setdefault(after, len(states))
            if number == len(states):
                if number >= most:
                    return None
                states.append(after)
            row.append(number)
    last = len(states)
    identity = (*range(last), last)
    steps: dict[AnyEvent, tuple[int, ...]] = {}
    for events, row in zip(alike.values(), rows, strict=True):
        function = (*(last if to < 0 else to for to in row), last)
        if function != identity:
            steps |= dict.fromkeys(events, function)
    return Bundle(parts, states, steps)
