# SPDX-License-Identifier: GPL-2.0-only
"""The life of each table: linked, unhooked, in a batch, RCU's, freed; and who touched it when it was gone.

A table is in a batch from where the call that took it returns.  Where tables are pages like any other it waits
among the gather's pages then; to a reader that is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from mmu_gather_spec import events as ev
from mmu_gather_spec.record import record
from mmu_gather_spec.rules.reading import GIVERS, INDEX_BITS, freed, given

from mmu_gather_conformance.lanes.calls import task


class Life(Enum):
    """What a table is, in the order of a life; the value is what a legend calls it."""

    LINKED = "linked"
    UNHOOKED = "unhooked"
    BATCHED = "in a batch"
    RCU = "RCU's"
    FREED = "freed"


@record(slots=True)
class History:
    """The life of one table: each change with its event, and the events that came too late."""

    changes: list[tuple[int, Life]]
    #: reads of it, and frees of it, when it was freed already
    too_late: list[int]

    @property
    def now(self) -> Life:
        """What it is after all events so far."""
        return self.changes[-1][1]

    def after(self, at: int, /) -> Life:
        """What it is once event `at` has happened."""
        return next((life for when, life in reversed(self.changes) if when <= at), Life.LINKED)


class _Reader:
    """The histories after the events so far."""

    def __init__(self) -> None:
        self.histories: dict[int, History] = {}
        self._in_hand: dict[tuple[str, int], int] = {}

    def _of(self, table: int) -> History:
        return self.histories.setdefault(table, History([(0, Life.LINKED)], []))

    def _becomes(self, at: int, table: int, life: Life) -> None:
        history = self._of(table)
        if history.now is not life:
            history.changes.append((at, life))

    def read(self, at: int, event: ev.AnyEvent) -> None:
        match event:
            case ev.WalkEntry() | ev.CacheEntry() | ev.CacheMiss():
                self._of(event.table)
            case ev.WalkLoad() | ev.HardwareLoad():
                if self._of(event.table).now is Life.FREED:
                    self._of(event.table).too_late.append(at)
            case ev.Unlink():
                self._becomes(at, event.table, Life.UNHOOKED)
            case ev.Enter():
                table = given(event)
                if table is not None:
                    self._of(table)
                    self._in_hand[task(event)] = table
            case ev.Leave() if event.fn in GIVERS:
                table = self._in_hand.get(task(event))
                if table is not None and self._of(table).now in (Life.LINKED, Life.UNHOOKED):
                    self._becomes(at, table, Life.BATCHED)
            case ev.CallRcu():
                for word in event.tables:
                    self._becomes(at, word & ~INDEX_BITS, Life.RCU)
        for address in freed(event):
            if address in self.histories:
                if self.histories[address].now is Life.FREED:
                    self.histories[address].too_late.append(at)
                self._becomes(at, address, Life.FREED)


def lives(trace: Sequence[ev.AnyEvent], /) -> dict[int, History]:
    """The history of every table of a trace, in the order in which they appear."""
    reader = _Reader()
    for at, event in enumerate(trace):
        reader.read(at, event)
    return reader.histories
