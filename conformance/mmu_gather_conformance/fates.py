# SPDX-License-Identifier: GPL-2.0-only
"""Fates: what became of each table and each page, and which translations were dropped before.

Two implementations need not make the same events.  They have to agree on what a user of memory could notice:
who frees a table, with which shift, after waiting for whom, and whether its translations were gone by then.
Where the rules leave a choice, a difference is permitted and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from mmu_gather_spec import events as ev
from mmu_gather_spec.rules.reading import freed
from mmu_gather_spec.rules.translations import Stale, stale_after


class Wait(Enum):
    """What lay between unhooking and freeing."""

    NOTHING = "at once"
    IPI = "after an IPI to every other CPU"
    GRACE_PERIOD = "after a grace period"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one table or page."""

    name: str
    wait: Wait
    freer: str
    #: how often it was freed: once, if all is well
    times: int
    #: whether a translation to it may still have been in use then
    exposed: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """Two fates of one thing, and whether the rules leave it open."""

    name: str
    reason: str
    permitted: bool


#: Ways of waiting that a port may choose from: below two users freeing at once is one of them.
_CHOICE: Final = frozenset({Wait.IPI, Wait.GRACE_PERIOD})


def fates(trace: Sequence[ev.AnyEvent], /) -> dict[str, Fate]:
    """The fate of everything that was unhooked or unmapped, by name."""
    names: dict[int, str] = {}
    found: dict[str, Fate] = {}
    stale: Stale = frozenset()
    heard: set[int] = set()
    unheard: set[int] = set()
    waiting: set[int] = set()
    for event in trace:
        stale = stale_after(stale, event)
        match event:
            case ev.Unlink():
                names[event.table] = f"t{sum(1 for name in names.values() if name[0] == 't')}"
            case ev.ClearPte():
                names[event.page] = f"p{sum(1 for name in names.values() if name[0] == 'p')}"
            case ev.SmpCallFunction() if event.cpus >= event.online - {event.cpu}:
                waiting, unheard = set(names), set(event.cpus)
                heard |= set() if unheard else waiting
            case ev.IpiAck():
                unheard.discard(event.cpu)
                heard |= set() if unheard else waiting
        for address in freed(event):
            if address in names:
                name = names[address]
                times = found[name].times + 1 if name in found else 1
                exposed = any(copy.page == address for copy in stale)
                found[name] = Fate(name, _wait(event, address in heard), _freer(event), times, exposed)
    for name in names.values():
        found.setdefault(name, Fate(name, Wait.NEVER, "nobody", 0, False))
    return found


def _wait(event: ev.AnyEvent, heard: bool) -> Wait:
    if event.agent == "softirq":
        return Wait.GRACE_PERIOD
    return Wait.IPI if heard else Wait.NOTHING


def _freer(event: ev.AnyEvent) -> str:
    if isinstance(event, ev.KmemCacheFree):
        return f"PGT_CACHE({event.index})"
    return "the page allocator" if isinstance(event, ev.FreePage) else "free_pages_and_swap_cache"


def covered(trace: Sequence[ev.AnyEvent], /) -> bool:
    """Whether every translation that was unmapped is gone at the end."""
    stale: Stale = frozenset()
    for event in trace:
        stale = stale_after(stale, event)
    return not stale


def compare(one: Sequence[ev.AnyEvent], other: Sequence[ev.AnyEvent], /) -> Iterator[Difference]:
    """Where two runs of one scenario differ, in what a user of memory could notice."""
    mine, theirs = fates(one), fates(other)
    few = _few_users(one) or _few_users(other)
    for name in sorted(mine.keys() | theirs.keys()):
        yield from _between(mine.get(name), theirs.get(name), name, few=few)
    if covered(one) != covered(other):
        yield Difference("translations", "one leaves a translation that the other has dropped", False)


def _between(one: Fate | None, other: Fate | None, name: str, *, few: bool) -> Iterator[Difference]:
    if one is None or other is None:
        yield Difference(name, "one has never unhooked it", False)
        return
    if one.times != other.times:
        yield Difference(name, f"freed {one.times} times, and {other.times} times", False)
    elif one.freer != other.freer:
        yield Difference(name, f"freed by {one.freer}, and by {other.freer}", False)
    elif one.exposed != other.exposed:
        yield Difference(name, "freed by one of them while a translation to it may be in use", False)
    elif one.wait is not other.wait and name[0] == "t":
        open_to_choice = {one.wait, other.wait} <= (_CHOICE | ({Wait.NOTHING} if few else set()))
        yield Difference(name, f"freed {one.wait.value}, and {other.wait.value}", open_to_choice)


def _few_users(trace: Sequence[ev.AnyEvent]) -> bool:
    """Whether mm_users was ever read as less than two: then a port may free at once."""
    return any(isinstance(event, ev.AtomicRead) and event.value < 2 for event in trace)
