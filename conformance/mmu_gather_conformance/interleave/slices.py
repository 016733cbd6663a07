# SPDX-License-Identifier: GPL-2.0-only
"""The rules' monitors as small automata that a search carries along.

A monitor that keeps its tables apart is followed for one table at a time: a *slice*.  Its states are numbered,
and each event becomes a function from number to number, as a tuple; one past the last state is `broken`, and
absorbs.  So a slice is a few bits of the search's state, and whether two events can change places as far as
a rule is concerned is a comparison of two composed tuples.  It is computed and never declared.

A monitor with too many states for that cannot be carried, and a search that is asked about it says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from mmu_gather_spec.events import AnyEvent, Booted
from mmu_gather_spec.record import field, record
from mmu_gather_spec.rule import Monitor, Rule, Violation

#: With more states than this a slice is not worked out beforehand.
MOST_STATES: Final = 1500
#: So many slices are kept: a litmus is put twice, and the next one often has the same gather.
KEPT: Final = 1024


@record(frozen=True, slots=True, eq=False)
class Slice:
    """One monitor, for one table or for all: what each event does to its numbered states."""

    #: of the rule
    id: str
    key: int | None
    #: by event: for each state the next, or `broken`
    steps: dict[AnyEvent, tuple[int, ...]]
    broken: int
    #: what is wrong where a state breaks: by event and state
    violations: dict[tuple[AnyEvent, int], Violation]

    @property
    def bits(self) -> int:
        """How many bits its state takes; `broken` is never stored."""
        return max(self.broken - 1, 0).bit_length()

    def identity(self) -> tuple[int, ...]:
        """The function of an event that it does not read."""
        return tuple(range(self.broken + 1))


def compose(first: tuple[int, ...], then: tuple[int, ...], /) -> tuple[int, ...]:
    """The function that is `first`, and `then` behind it."""
    return tuple([then[state] for state in first])


def commute(one: tuple[int, ...], other: tuple[int, ...], /) -> bool:
    """Whether the order of two functions makes no difference, in no state."""
    return compose(one, other) == compose(other, one)


@record(slots=True)
class Alphabet:
    """The events of a product that one monitor reads, by what they are about."""

    monitor: Monitor[Any]
    everything: list[AnyEvent] = field(default_factory=list)
    by_key: dict[int, list[AnyEvent]] = field(default_factory=dict)

    def add(self, event: AnyEvent, /) -> None:
        """One more event."""
        keys = self.monitor.about(event)
        if keys is None:
            self.everything.append(event)
        else:
            for key in keys:
                self.by_key.setdefault(key, []).append(event)


def slices(rules: Iterable[Rule], boot: Booted, events: Sequence[AnyEvent], /) -> Iterator[Slice]:
    """The slices of these rules over these events; those that no event can break are left out."""
    for rule in rules:
        alphabet = Alphabet(rule.monitor)
        for event in events:
            if type(event) in rule.monitor.reads:
                alphabet.add(event)
        for key in alphabet.by_key or (None,):
            about = [] if key is None else alphabet.by_key[key]
            made = _explored(rule.id, rule.monitor, key, boot, (*alphabet.everything, *about))
            if made is not None:
                yield made


class TooManyStates(Exception):
    """A monitor has too many states over these events to be worked out beforehand."""


@lru_cache(maxsize=KEPT)
def _explored(
    name: str, monitor: Monitor[Any], key: int | None, boot: Booted, events: tuple[AnyEvent, ...]
) -> Slice | None:
    """Every state that these events can lead to, in any order; None if none breaks the rule.  name: the rule's."""
    states: list[Any] = [monitor.initial(boot)]
    numbers: dict[Any, int] = {states[0]: 0}
    table: dict[AnyEvent, list[int]] = {event: [] for event in events}
    violations: dict[tuple[AnyEvent, int], Violation] = {}
    for at, state in enumerate(states):  # it grows as it goes
        for event, row in table.items():
            after = monitor.step(state, event)
            if isinstance(after, Violation):
                violations[event, at] = after
                row.append(-1)
                continue
            number = numbers.setdefault(after, len(states))
            if number == len(states):
                if number == MOST_STATES:
                    raise TooManyStates(
                        f"{name} remembers too much to be searched: more than {MOST_STATES} states of its monitor "
                        f"over the {len(events)} events of this litmus"
                    )
                states.append(after)
            row.append(number)
    return _minimal(name, key, table, violations, len(states)) if violations else None


def _minimal(
    name: str,
    key: int | None,
    table: dict[AnyEvent, list[int]],
    violations: dict[tuple[AnyEvent, int], Violation],
    count: int,
) -> Slice:
    """The same with states folded that no event tells apart: they break at the same events, now and later."""
    errata = sorted({violation.erratum or "" for violation in violations.values()})
    for (event, state), violation in violations.items():
        table[event][state] = -1 - errata.index(violation.erratum or "")
    # Most events do the same as others: each row is looked at once.
    by_row: dict[tuple[int, ...], list[AnyEvent]] = {}
    for event, row in table.items():
        by_row.setdefault(tuple(row), []).append(event)
    block = [0] * count
    blocks = 1
    while True:
        ends = [*block, *range(-len(errata), 0)]
        signs = zip(block, *([ends[to] for to in row] for row in by_row), strict=True)
        fresh: dict[tuple[int, ...], int] = {}
        block = [fresh.setdefault(sign, len(fresh)) for sign in signs]
        if len(fresh) == blocks:
            break
        blocks = len(fresh)
    first = [block.index(number) for number in range(blocks)]
    steps: dict[AnyEvent, tuple[int, ...]] = {}
    for same, events in by_row.items():
        steps |= dict.fromkeys(events, (*(block[same[at]] if same[at] >= 0 else blocks for at in first), blocks))
    found = {(event, block[state]): violation for (event, state), violation in violations.items()}
    return Slice(name, key, steps, blocks, found)
