# SPDX-License-Identifier: GPL-2.0-only
"""An exhibit: what was found, run again, drawn, and told step by step.

A report keeps the answers that a run was made of, and not its events.  So the run is repeated, on a port that is
running already.  Where the same does not come of it, the page shows the lines that the report has, and says so:
a drawing of something else would be worse than none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from mmu_gather_spec.record import record

from mmu_gather_conformance import forms, saved
from mmu_gather_conformance.hosts import Host
from mmu_gather_conformance.lanes import describe, lanes
from mmu_gather_conformance.lanes.names import Names
from mmu_gather_conformance.lanes.plan import drawn
from mmu_gather_conformance.lanes.seed_lines import seed_lines
from mmu_gather_conformance.lanes.state import States
from mmu_gather_conformance.lanes.svg import svg
from mmu_gather_conformance.replaying import Replayed, repeat_on
from mmu_gather_conformance.report import Found
from mmu_gather_conformance.verdict import Verdict

#: What would take as long again as it took, and where it would stop nobody could see.
HANGS: Final = (
    "to run it again would take as long again; where it hangs a debugger shows, around the replay with --in-process"
)
OTHERWISE: Final = "run again, the port did otherwise"


@record(frozen=True, slots=True)
class Step:
    """One step as a reader stops at it."""

    step: int
    said: str
    seed: str
    offends: bool
    state: dict[str, str]


@record(frozen=True, slots=True)
class Exhibit:
    """What a page shows of one finding."""

    #: the drawing's markup, or "" and why there is none
    drawing: str
    note: str
    #: the same in words
    words: tuple[str, ...]
    steps: tuple[Step, ...]
    #: the saved run: its name, and what is in it
    name: str
    file: str

    @property
    def offender(self) -> int:
        """The place of the offending step among the steps."""
        return next((place for place, step in enumerate(self.steps) if step.offends), max(0, len(self.steps) - 1))

    def told(self) -> list[dict[str, Any]]:
        """The steps for the page's script."""
        return [asdict(step) for step in self.steps]


def exhibit(found: Found, host: Host, port: str, /) -> Exhibit:
    """Run a finding again and draw it.  port: what the host's port is called."""
    if found.verdict is Verdict.TIMED_OUT:
        return in_words(found, HANGS)
    replayed = repeat_on(host, found.failure, port)
    if not replayed.trace or not _same(found, replayed):
        return in_words(found, OTHERWISE)
    trace, at, seed = replayed.trace, replayed.at, seed_lines(replayed.trace)
    title = "" if replayed.rule else found.reason
    drawing = svg(trace, at, rule=replayed.rule, steps=seed, title=title, style=False)
    drawing = drawing.partition("?>")[2] if drawing.startswith("<?xml") else drawing
    steps = tuple(_steps(replayed, seed))
    return Exhibit(drawing.strip(), "", tuple(replayed.lines()), steps, *_saved(found))


def in_words(found: Found, note: str, /) -> Exhibit:
    """A finding that is not drawn: its lanes, its file, and why."""
    return Exhibit("", note, found.lanes, (), *_saved(found))


def _saved(found: Found) -> tuple[str, str]:
    """The name of a finding's file, and what is in it."""
    return saved.name_of(found.failure), forms.readable(found.failure).decode()


def _same(found: Found, replayed: Replayed) -> bool:
    """Whether the replay shows what was found: the same rule at the same step, in the same lanes."""
    if found.level:
        return replayed.rule is not None and (replayed.rule.id, replayed.at) == (found.rule, found.steps)
    return replayed.rule is None and (not found.lanes or lanes(replayed.trace, replayed.at) == found.lanes)


def _steps(replayed: Replayed, seed: dict[int, str]) -> Iterator[Step]:
    """The steps of the drawing, and the end where it is the end that offends."""
    trace, at = replayed.trace, replayed.at
    names = Names(trace)
    states = States(trace, names)
    for i in drawn(trace, at)[0]:
        event = trace[i]
        said = f"cpu{event.cpu}, {event.agent}: {describe(event, names)}"
        yield Step(i, said, seed.get(i, ""), i == at, states.after(i))
    if at >= len(trace):
        yield Step(at, "the trace ends here", "", True, states.after(at))
