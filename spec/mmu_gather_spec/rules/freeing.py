# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""How a table came to be freed: what the rules about walkers need to know to name an erratum.

A table is freed inside the call that gave it, with few users (the shortcut) or for want of memory (the fallback); or
it was handed to RCU inside such a call because the batch was full; or a flush handed it over, after it
invalidated.  Where tables go the way of pages, fast mode frees them inside that call, too.  Nothing here is a rule.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.events import (
    AnyEvent,
    AtomicRead,
    CallRcu,
    Enter,
    Event,
    FreePages,
    GetFreePage,
    Leave,
    NumOnlineCpus,
    Unlink,
)
from mmu_gather_spec.rules.reading import FREES, GIVERS, Tables, freed, given

#: Freed at once, because mm_users was read as less than two.
SHORTCUT: Final = "shortcut"
#: Freed by the call that gave it, for want of a batch.
FALLBACK: Final = "fallback"
#: Freed as a page by the call that gave it, since one CPU was counted when the gather began.
FAST: Final = "fast mode"
#: Handed to RCU by the call that filled the batch, before any flush.
FULL: Final = "full"
#: In any other way.
OTHERWISE: Final = "otherwise"


class Giving(NamedTuple):
    """A call that gives a table, until the first return from one; in it few users were seen, or no memory was had."""

    agent: str
    table: int
    few_users: bool
    no_memory: bool = False


class Freeing(NamedTuple):
    """Open calls that give tables, tables handed over before a flush, and tables that were freed, with how.

    single: gathers that counted one CPU.
    """

    giving: frozenset[Giving]
    early: Tables
    freed: frozenset[tuple[int, str]]
    single: frozenset[str]

    def how(self, table: int, /) -> str | None:
        """How a table was freed; None if it was not."""
        return next((how for gone, how in self.freed if gone == table), None)


NOTHING: Final = Freeing(frozenset(), frozenset(), frozenset(), frozenset())
#: What tells the shortcut and fast mode from all else; of a rule that reads no more, the rest is `OTHERWISE`.
READS_AT_ONCE: Final[tuple[type[Event], ...]] = (*FREES, Unlink, Enter, Leave, AtomicRead, NumOnlineCpus)
READS: Final[tuple[type[Event], ...]] = (*READS_AT_ONCE, CallRcu, GetFreePage)


def about(event: AnyEvent, /) -> frozenset[int] | None:
    """The tables that an event concerns."""
    match event:
        case Enter() if given(event) is None:
            return frozenset()
        case Enter() | Leave() | AtomicRead() | NumOnlineCpus() | GetFreePage():
            # A call that gives one table may hand over others.
            return None
        case CallRcu():
            return frozenset(event.tables)
        case Unlink():
            return frozenset({event.table})
    return frozenset(freed(event))


def freeing_after(state: Freeing, event: AnyEvent, /) -> Freeing:
    """What is known after an event."""
    match event:
        case Enter():
            table = given(event)
            if table is None or any(call.agent == event.agent for call in state.giving):
                return state
            return state._replace(giving=state.giving | {Giving(event.agent, table, False)})
        case Leave() if event.fn in GIVERS and state.giving:
            return state._replace(giving=frozenset(call for call in state.giving if call.agent != event.agent))
        case AtomicRead(var="mm_users", value=0 | 1) | AtomicRead(var="mm_cpumask", value=1) if state.giving:
            giving = (call._replace(few_users=True) if call.agent == event.agent else call for call in state.giving)
            return state._replace(giving=frozenset(giving))
        case GetFreePage(page=None) if state.giving:
            giving = (call._replace(no_memory=True) if call.agent == event.agent else call for call in state.giving)
            return state._replace(giving=frozenset(giving))
        case NumOnlineCpus() | AtomicRead(var="num_possible_cpus"):
            own = frozenset({event.agent})
            return state._replace(single=state.single | own if event.value == 1 else state.single - own)
        case Leave() | AtomicRead() | GetFreePage():
            return state
        case CallRcu() if any(call.agent == event.agent for call in state.giving):
            return state._replace(early=state.early.union(event.tables))
        case Unlink():
            # The address is in use again, for a new table.
            again = frozenset(entry for entry in state.freed if entry[0] != event.table)
            return state._replace(freed=again, early=state.early - {event.table})
    gone = freed(event)
    known = {table for table, _ in state.freed}
    new = {(table, _how(state, event, table)) for table in gone if table not in known}
    return state._replace(freed=state.freed | new, early=state.early.difference(gone)) if new else state


def _how(state: Freeing, event: AnyEvent, table: int) -> str:
    for call in state.giving:
        if call.agent == event.agent and call.table == table:
            if isinstance(event, FreePages):
                return FAST if event.agent in state.single else OTHERWISE
            if call.few_users:
                return SHORTCUT
            return FALLBACK if call.no_memory else OTHERWISE
    return FULL if table in state.early else OTHERWISE
