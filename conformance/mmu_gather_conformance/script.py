# SPDX-License-Identifier: GPL-2.0-only
"""A script: which answers the kernel gives in one run, and which other answers were possible.

A service with several answers asks the script.  The first answer of a domain is the ordinary
one (a page, two users, a late grace period); every other choice is a deviation.  A run is
the list of its choices and nothing else, so any run can be repeated from that list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import TypeVar

from mmu_gather_spec.record import record

T = TypeVar("T")


@record(frozen=True, slots=True)
class Choice:
    """One question to the script: of how many answers it took which."""

    service: str
    of: int
    took: int


class Script:
    """The answers of one run: a prefix that is given, then a service's own, then the first of each domain."""

    def __init__(self, prefix: Sequence[int] = (), by_service: Mapping[str, Sequence[int]] | None = None, /) -> None:
        self._prefix = prefix
        #: answers to the first, second, ... question of a service, behind the prefix; the last one holds on, so that
        #: "from the second allocation on there is no memory" is a short list and shrinks to a shorter one
        self._by_service = {
            service: chain(answers, repeat(answers[-1])) for service, answers in (by_service or {}).items() if answers
        }
        self.choices: list[Choice] = []

    def choose(self, service: str, domain: Sequence[T], /) -> T:
        """The answer to give now.  A domain of one is not a choice and is not written down."""
        if len(domain) == 1:
            return domain[0]
        position = len(self.choices)
        own = self._by_service.get(service)
        took = self._prefix[position] if position < len(self._prefix) else next(own, 0) if own else 0
        took = min(took, len(domain) - 1)
        self.choices.append(Choice(service, len(domain), took))
        return domain[took]

    def taken(self) -> tuple[int, ...]:
        """The choices as bare numbers: enough to repeat the run."""
        return tuple(choice.took for choice in self.choices)


def siblings(script: Script, given: int, most: int | None, /) -> Iterator[tuple[int, ...]]:
    """The prefixes that differ from a finished run in one later choice.

    given: how long the prefix of that run was; earlier choices were varied before.
    most: how many deviations a prefix may hold; None for no bound.
    """
    taken = script.taken()
    for position in range(given, len(taken)):
        before = taken[:position]
        if most is not None and sum(1 for took in before if took) >= most:
            continue
        for other in range(1, script.choices[position].of):
            yield (*before, other)
