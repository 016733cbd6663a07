# SPDX-License-Identifier: GPL-2.0-only
"""Stepping through a trace, forwards and back: a position, the keys that move it, and the screen at each.

All of it is values: a key makes a new stepper, and a screen is lines of text.  Reading keys and clearing the
terminal is for whoever shows it.
"""

from __future__ import annotations

import textwrap
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from mmu_gather_spec import events as ev
from mmu_gather_spec.rule import Rule

from mmu_gather_conformance.lanes.describe import loud
from mmu_gather_conformance.lanes.seed_lines import seed_lines
from mmu_gather_conformance.lanes.state import state
from mmu_gather_conformance.lanes.terminal import Sheet

#: Steps around the position that are on a screen.
WINDOW: Final = 11
#: The column of the state's words.
WORDS: Final = 12
WIDTH: Final = 96


@dataclass(frozen=True, slots=True)
class Stepper:
    """A trace and where one is in it."""

    trace: Sequence[ev.AnyEvent]
    #: the offending event; len(trace) where it is the end
    at: int
    rule: Rule | None
    #: the events that one stops at
    stops: tuple[int, ...]
    #: index into `stops`
    position: int = 0
    seed: Mapping[int, str] = field(default_factory=dict, repr=False, compare=False)
    sheet: Sheet | None = field(default=None, repr=False, compare=False)

    @property
    def here(self) -> int:
        """The event that one is at."""
        return self.stops[self.position]

    def _to(self, position: int) -> Stepper:
        return replace(self, position=max(0, min(position, len(self.stops) - 1)))

    def forward(self) -> Stepper:
        """One step on; at the last one it stays."""
        return self._to(self.position + 1)

    def back(self) -> Stepper:
        """One step back; at the first one it stays."""
        return self._to(self.position - 1)

    def first(self) -> Stepper:
        """To the first step."""
        return self._to(0)

    def last(self) -> Stepper:
        """To the last step."""
        return self._to(len(self.stops) - 1)

    def offender(self) -> Stepper:
        """To the offending step, or to the last one where it is the end that offends."""
        return self._to(bisect_left(self.stops, self.at))

    def press(self, key: str, /) -> Stepper | None:
        """Where a key leads; None: out.  A key that means nothing leads nowhere else."""
        if key in LEAVE:
            return None
        return MOVES[key](self) if key in MOVES else self

    def screen(self) -> tuple[str, ...]:
        """The lanes around the position, and the state once its step has happened."""
        sheet = self.sheet or Sheet(self.trace, self.at, self.seed, indented=True)
        begin = max(0, min(self.position - WINDOW // 2, len(self.stops) - WINDOW))
        shown = self.stops[begin : begin + WINDOW]
        lines = [f"step {self.here}, {self.position + 1} of {len(self.stops)}{self._verdict()}", ""]
        lines += sheet.rows(shown, self.here, self.stops)
        lines.append("")
        for word, said in state(self.trace, self.here, sheet.names).items():
            lines += textwrap.wrap(
                f"{word:{WORDS}}{said}", WIDTH, subsequent_indent=" " * WORDS, break_on_hyphens=False
            )
        return tuple(lines)

    def _verdict(self) -> str:
        """Whether this is the step that offends, and against what."""
        against = f" against {self.rule.id}" if self.rule else ""
        if self.here == self.at:
            return f": offends{against}"
        if self.at >= len(self.trace) and self.rule and self.position == len(self.stops) - 1:
            return f": the trace ends here, and that offends{against}"
        return ""


def steps(trace: Sequence[ev.AnyEvent], at: int, rule: Rule | None = None, /) -> Stepper:
    """A stepper at the beginning of a trace.  Quiet events are no stops, except the offending one.

    Errors: ValueError for an empty trace.
    """
    stops = tuple(loud(trace, at)) or tuple(range(len(trace)))
    if not stops:
        raise ValueError("an empty trace has no steps")
    seed = seed_lines(trace)
    return Stepper(trace, at, rule, stops, 0, seed, Sheet(trace, at, seed, indented=True))


#: Key -> the move it makes.  Enter comes as \r or \n, backspace as \x7f or \b, an arrow as an escape sequence.
MOVES: Final[dict[str, Callable[[Stepper], Stepper]]] = {
    **dict.fromkeys(("n", " ", "\r", "\n", "\x1b[B", "\x1b[C"), Stepper.forward),
    **dict.fromkeys(("p", "\x7f", "\b", "\x1b[A", "\x1b[D"), Stepper.back),
    "g": Stepper.offender,
    **dict.fromkeys(("0", "\x1b[H"), Stepper.first),
    **dict.fromkeys(("$", "\x1b[F"), Stepper.last),
}
#: Control-C, control-D and the end of input lead out as well.
LEAVE: Final = frozenset({"q", "\x03", "\x04", ""})
