# SPDX-License-Identifier: GPL-2.0-only
"""Where everything stands in a drawing: a row for each step, columns for CPUs, grace periods and tables.

All numbers are whole, and text is taken to be as wide as a monospaced font makes it, so that a drawing is the
same text wherever it is made.  Nothing is drawn here.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Final

from mmu_gather_spec import events as ev
from mmu_gather_spec.record import record

from mmu_gather_conformance.lanes.calls import depths
from mmu_gather_conformance.lanes.describe import agents, cpus_of, describe, loud
from mmu_gather_conformance.lanes.lives import History, lives
from mmu_gather_conformance.lanes.names import Names
from mmu_gather_conformance.lanes.spans import Kind, Span, beside_each_other, spans

MARGIN: Final = 18
SIZE: Final = 12  #: of the text in lanes
ADVANCE: Final = 15, 2  #: of characters at that size: 15 pixels for two, so that no font runs over
LINE: Final = 16  #: from one line of text to the next
GAP: Final = 8  #: below the text of a row
STEP: Final = 46  #: the column of step numbers
SEED: Final = 66  #: the column of seed lines
BAR: Final = 18  #: the column of a grace period
LIFE: Final = 26  #: the column of a table
GUTTER: Final = 30  #: in a lane, left of its text
EDGE: Final = 18  #: in a lane, right of its text
BETWEEN: Final = 10  #: two lanes
INDENT: Final = 12  #: of what happens inside a call
FEWEST: Final = 14  #: characters that a lane has room for at least
MOST: Final = 42  #: characters that it has room for at most
DEEPEST: Final = 3  #: calls that indent
TABLES: Final = 6  #: tables whose lives are drawn
#: Steps in one drawing; of a longer trace the last ones.
ROWS: Final = 150


@record(frozen=True, slots=True)
class Row:
    """One step: its event, its place, and its text in lines."""

    i: int
    top: int
    indent: int
    lines: tuple[str, ...]

    @property
    def bottom(self) -> int:
        return self.top + LINE * len(self.lines) + GAP

    @property
    def middle(self) -> int:
        """The height of the dot before the first line."""
        return self.top + GAP // 2 + LINE // 2


@record(frozen=True, slots=True)
class Column:
    """One column: from where, and how wide."""

    x: int
    width: int

    @property
    def end(self) -> int:
        return self.x + self.width


def across(characters: int, /) -> int:
    """How wide a text is."""
    pixels, count = ADVANCE
    return -(-characters * pixels // count)


def drawn(trace: Sequence[ev.AnyEvent], at: int, /) -> tuple[list[int], int]:
    """The steps that a drawing shows, up to event `at`; and how many before them it has no room for."""
    wanted = [i for i in loud(trace, at) if i <= at]
    return wanted[-ROWS:], len(wanted[:-ROWS])


class Plan:
    """The places of one trace's drawing, `top` pixels below its upper edge."""

    def __init__(self, trace: Sequence[ev.AnyEvent], at: int, top: int, /, *, seeded: bool) -> None:
        self.trace = trace
        self.at = at
        self.names = Names(trace)
        self.cpus = cpus_of(trace)
        self.shown, self.left_out = drawn(trace, at)
        self.later = sum(1 for i in loud(trace, at) if i > at)
        self.spans = [span for span in spans(trace) if self._is_seen(span)]
        #: grace periods, in columns
        self.slots, self.not_followed = beside_each_other(span for span in self.spans if span.kind is Kind.GRACE_PERIOD)
        self.tables = self._tables()
        x = MARGIN + STEP
        self.seed = Column(x, SEED if seeded else 0)
        x = self.seed.end
        self.bars = [Column(x + BAR * slot, BAR) for slot in range(len(self.slots))]
        x += BAR * len(self.slots) + (6 if self.slots else 0)
        self._depths = depths(trace)
        self._agents = agents(trace, self.shown)
        self.lanes: dict[int, Column] = {}
        for cpu in self.cpus:
            self.lanes[cpu] = Column(x, self._lane_width(cpu))
            x = self.lanes[cpu].end + BETWEEN
        self.lives: dict[int, Column] = {}
        for table in self.tables:
            self.lives[table] = Column(x, LIFE)
            x += LIFE
        self.width = x + MARGIN - (0 if self.tables else BETWEEN)
        self.top = top
        self.rows = self._rows()
        self.bottom = self.rows[-1].bottom if self.rows else top

    def _is_seen(self, span: Span) -> bool:
        return any(span.covers(i) for i in self.shown)

    def _tables(self) -> dict[int, History]:
        """The tables whose lives are drawn: those that were touched too late, then the first ones."""
        found = lives(self.trace[: self.at + 1])
        first = sorted(found, key=lambda table: not found[table].too_late)[:TABLES]
        return {table: history for table, history in found.items() if table in first}

    def agent(self, i: int, /) -> str:
        """Who does an event, where the event above it in its lane is another's."""
        return self._agents.get(i, "")

    def text(self, i: int, /) -> str:
        """What stands in the lane of an event."""
        return self.agent(i) + describe(self.trace[i], self.names)

    def indent(self, i: int, /) -> int:
        """How many calls it is drawn inside of."""
        return min(self._depths[i], DEEPEST)

    def _lane_width(self, cpu: int) -> int:
        mine = [len(self.text(i)) + 2 * self.indent(i) for i in self.shown if self.trace[i].cpu == cpu]
        return GUTTER + EDGE + across(max(FEWEST, min(MOST, max(mine, default=0))))

    def _rows(self) -> tuple[Row, ...]:
        rows = []
        y = self.top
        for i in self.shown:
            width = self.lanes[self.trace[i].cpu].width - GUTTER - EDGE - INDENT * self.indent(i)
            room = width * ADVANCE[1] // ADVANCE[0]
            lines = textwrap.wrap(self.text(i), room, subsequent_indent="  ", break_on_hyphens=False)
            rows.append(Row(i, y, INDENT * self.indent(i), tuple(lines)))
            y = rows[-1].bottom
        return tuple(rows)

    def row(self, i: int, /) -> Row | None:
        """The row of an event, if it is shown."""
        return next((row for row in self.rows if row.i == i), None)

    def extent(self, span: Span, /) -> tuple[int, int]:
        """From which height to which a span is drawn: its first and last shown step, whole."""
        inside = [row for row in self.rows if span.covers(row.i)]
        return inside[0].top, inside[-1].bottom

    def height_of(self, at: int, /) -> int:
        """The height of an event, or of the first shown one behind it."""
        return next((row.middle for row in self.rows if row.i >= at), self.bottom)
