# SPDX-License-Identifier: GPL-2.0-only
"""Lanes in a terminal: a row for each step, a lane for each CPU, spans in front.

    step    cpu0                  | cpu1 | cpu2
       4    unhook t0             |      ┃ [gup_fast] IRQs off, walk from the root
       6 ┌  call_rcu_sched(t0)    |      ┃
       7 │                        |      ┃ [gup_fast] read an entry of t0

Every row holds one event, so what surrounds it is drawn by marks alone: in front of a lane stands whether its
CPU has IRQs or preemption off, and in front of all lanes which grace periods and IPIs are under way.  A lane is as
wide as its longest text, and where that is too much the widest gives way.  A text may run over the lanes to its
right, but not over a mark: there it is folded.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Final

from mmu_gather_spec import events as ev

from mmu_gather_conformance.lanes.calls import depths
from mmu_gather_conformance.lanes.describe import agents, cpus_of, describe, loud
from mmu_gather_conformance.lanes.names import Names
from mmu_gather_conformance.lanes.spans import Kind, Span, beside_each_other, spans

#: At most this many lines of a trace in a violation.
LINES: Final = 8
#: Columns of the lanes.
WIDTH: Final = 88
#: No lane gets narrower than this.
NARROWEST: Final = 16

#: In front of a lane.  IRQs off holds back more than preemption off, so it is what counts where both are.
REGIONS: Final = {Kind.IRQS_OFF: "┃", Kind.PREEMPT_OFF: "╎"}
#: In front of all lanes: where a span begins, goes on, and ends.
BRACKETS: Final = {Kind.GRACE_PERIOD: ("┌", "│", "└"), Kind.IPI: ("╔", "║", "╚")}


class Sheet:
    """One trace, ready to be drawn in part."""

    def __init__(
        self,
        trace: Sequence[ev.AnyEvent],
        at: int,
        seed: Mapping[int, str] | None = None,
        /,
        *,
        indented: bool = False,
        width: int = WIDTH,
    ) -> None:
        self.trace = trace
        self.at = at
        self.names = Names(trace)
        self.cpus = cpus_of(trace)
        self._seed = seed or {}
        found = spans(trace)
        self._spans = [span for span in found if span.kind in BRACKETS]
        self._regions = _regions(found, len(trace))
        self._depths = depths(trace) if indented else [0] * len(trace)
        self._width = width

    def _texts(self, shown: Sequence[int]) -> dict[int, str]:
        """What stands in the lane of each event."""
        said = agents(self.trace, shown)
        return {i: "  " * self._depths[i] + said.get(i, "") + describe(self.trace[i], self.names) for i in shown}

    def rows(self, shown: Sequence[int], here: int | None = None, frame: Sequence[int] | None = None, /) -> list[str]:
        """The head, and a row for each event of `shown`.

        here: where a stepping reader is.  frame: the events that the columns have to suit; `shown`, if not said.
        """
        frame = shown if frame is None else frame
        slots, _ = self._slots(frame)
        widths = self._widths(self._texts(frame))
        texts = self._texts(shown)
        seeded = any(i in self._seed for i in frame)
        lead = " step" + (f" {'seed':7}" if seeded else "") + (" " * (len(slots) + 1) if slots else "")
        heads = [f"cpu{cpu}".ljust(width) for cpu, width in zip(self.cpus, widths, strict=True)]
        rows = [f"{lead}  {' | '.join(heads)}".rstrip()]
        for i in shown:
            sign = ">" if i == self.at else "*" if i == here else " "
            number = f"{sign}{i:4}" + (f" {self._seed.get(i, '').removeprefix('seed '):7}" if seeded else "")
            rows += self._row(i, texts[i], number, slots, widths)
        return rows

    def _row(self, i: int, said: str, number: str, slots: list[list[Span]], widths: list[int]) -> list[str]:
        """The lines of one event: one, or more where its text is folded."""
        lane = self.cpus.index(self.trace[i].cpu)
        marks = [self._mark(cpu, i) for cpu in self.cpus]
        ground = "".join(f"{mark} {' ' * width} " for mark, width in zip(marks, widths, strict=True))
        begin = sum(widths[:lane]) + 3 * lane + 2
        hang = "  " * (self._depths[i] + 1)
        folded = textwrap.wrap(
            said, self._room(lane, begin, marks, widths), subsequent_indent=hang, break_on_hyphens=False
        )
        lines = []
        for part, text in enumerate(folded):
            ends = part == 0, part == len(folded) - 1
            brackets = " " + "".join(self._bracket(slot, i, *ends) for slot in slots) if slots else ""
            body = f"{ground[:begin]}{text} {ground[begin + len(text) + 1 :]}"
            lines.append(f"{number if part == 0 else ' ' * len(number)}{brackets}{body}".rstrip())
        return lines

    def _room(self, lane: int, begin: int, marks: list[str], widths: list[int]) -> int:
        """How long a text may be: it may run over the lanes to its right, up to one whose mark counts."""
        end = begin + widths[lane]
        for next_lane in range(lane + 1, len(widths)):
            if marks[next_lane] in REGIONS.values():
                return end - begin
            end += 3 + widths[next_lane]
        return max(end, self._width) - begin

    def _mark(self, cpu: int, i: int) -> str:
        """What stands in front of a CPU's lane."""
        kind = self._regions.get((cpu, i))
        return REGIONS[kind] if kind else " " if cpu == self.cpus[0] else "|"

    def _slots(self, shown: Sequence[int]) -> tuple[list[list[Span]], int]:
        """Grace periods and IPIs that are under way at a shown event, in columns."""
        return beside_each_other(span for span in self._spans if any(span.covers(i) for i in shown))

    @staticmethod
    def _bracket(slot: list[Span], i: int, first: bool, last: bool) -> str:
        """One character of a span's column, in the first and last line of an event."""
        for span in slot:
            if span.covers(i):
                begin, middle, end = BRACKETS[span.kind]
                if i == span.first:
                    return begin if first else middle
                if i == span.last:
                    return end if last else middle
                return middle
        return " "

    def _widths(self, texts: Mapping[int, str]) -> list[int]:
        """How wide each lane is: as its longest text, or else as the longest that may not run over the next lane."""
        widths = [len(f"cpu{cpu}") for cpu in self.cpus]
        least = list(widths)
        for i, said in texts.items():
            lane, length = self.cpus.index(self.trace[i].cpu), len(said)
            widths[lane] = max(widths[lane], length)
            held = lane + 1 == len(self.cpus) or (self.cpus[lane + 1], i) in self._regions
            least[lane] = max(least[lane], length if held else min(length, NARROWEST))
        room = self._width - 3 * len(self.cpus)
        for floor in (least, [NARROWEST] * len(widths)):
            while sum(widths) > room:
                spare, lane = max(
                    (width - low, -lane) for lane, (width, low) in enumerate(zip(widths, floor, strict=True))
                )
                if spare <= 0:
                    break
                widths[-lane] -= 1
        return widths

    def legend(self, shown: Sequence[int], /) -> str:
        """What the marks mean that stand in these rows."""
        slots, left_out = self._slots(shown)
        kinds = {span.kind for slot in slots for span in slot}
        kinds |= {self._regions[cpu, i] for i in shown for cpu in self.cpus if (cpu, i) in self._regions}
        signs = {**REGIONS, **{kind: begin + end for kind, (begin, _, end) in BRACKETS.items()}}
        parts = [f"{sign} {kind.value}" for kind, sign in signs.items() if kind in kinds]
        parts += ["> the step that offends"] if self.at in shown else []
        parts += [f"{left_out} more are under way"] if left_out else []
        return "   ".join(parts)


def _regions(found: Sequence[Span], length: int) -> dict[tuple[int, int], Kind]:
    """For each CPU and event whether IRQs or, if not, preemption is off there."""
    kinds: dict[tuple[int, int], Kind] = {}
    for kind in reversed(REGIONS):
        for span in found:
            if span.kind is kind:
                last = length - 1 if span.last is None else span.last
                kinds.update(((span.cpu, i), kind) for i in range(span.first, last + 1))
    return kinds


def lanes(trace: Sequence[ev.AnyEvent], at: int, most: int = LINES, /) -> tuple[str, ...]:
    """The last steps up to event `at`, in at most `most` lines, each in the lane of its CPU; `>` marks event `at`.

    `at` is len(trace) where it is the end that offends.
    """
    sheet = Sheet(trace, at)
    shown = [i for i in loud(trace, at) if i <= at][-most:]
    rows = sheet.rows(shown)
    while len(rows) > most + 1 and len(shown) > 1:
        shown = shown[1:]
        rows = sheet.rows(shown)
    return tuple(rows)


def all_lanes(trace: Sequence[ev.AnyEvent], at: int, seed: Mapping[int, str] | None = None, /) -> tuple[str, ...]:
    """Every step, quiet ones as well, with calls indented, the lines of the seed, and what the marks mean."""
    sheet = Sheet(trace, at, seed, indented=True)
    shown = range(len(trace))
    legend = sheet.legend(shown)
    return (*sheet.rows(shown), *([f" {legend}"] if legend else []))
