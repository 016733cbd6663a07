# SPDX-License-Identifier: GPL-2.0-only
"""The life of a table as an automaton: every stage and every way between two that a run of the reference took.

No way is drawn that no run took, and each says how many tables went it, and in which case the first of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import drawings
import drawsvg as draw  # type: ignore[import-untyped]  # it has no stubs
from mmu_gather_conformance.lanes.lives import Life, lives
from mmu_gather_conformance.lanes.palette import LIVES
from mmu_gather_spec import events as ev
from mmu_gather_spec.record import record
from picture import LINE, Picture
from runs_shown import ARCHS, PORT, recordings

TITLE: Final = "The life of a table"
#: How a table comes to a stage.
ENTERED: Final = {
    Life.LINKED: "linked again",
    Life.UNHOOKED: "unhook",
    Life.BATCHED: "queued, and the call returns",
    Life.RCU: "call_rcu_sched()",
}
WIDTH, BOX, GAP, TOP = 860, 150, 62, 24


@record(slots=True)
class Way:
    """One way between two stages, and why it is gone."""

    begin: Life
    end: Life
    why: str
    tables: int = 0
    first: str = ""


def ways() -> list[Way]:
    """Every way that a table went in a recorded run, in the order of a life."""
    found: dict[tuple[Life, Life, str], Way] = {}
    for case, recording in recordings():
        for run in recording.runs:
            for history in lives(run.trace).values():
                for (_, begin), (at, end) in zip(history.changes, history.changes[1:], strict=False):
                    why = reason(run.trace, at, begin, end)
                    way = found.setdefault((begin, end, why), Way(begin, end, why))
                    way.tables += 1
                    way.first = way.first or f"{case.id}, step {at}"
    order = list(Life)
    return sorted(found.values(), key=lambda way: (order.index(way.begin), order.index(way.end), -way.tables))


def reason(trace: Sequence[ev.AnyEvent], at: int, begin: Life, end: Life) -> str:
    """Why a table goes from one stage to the next, by what its agent did before."""
    if end is not Life.FREED:
        return {
            Life.UNHOOKED: "unhook",
            Life.BATCHED: "queued, and the call returns",
            Life.RCU: "call_rcu_sched()",
        }.get(end, "linked again")
    if begin is Life.RCU:
        return "after a grace period"
    for event in reversed(trace[:at]):
        if event.agent != trace[at].agent and not isinstance(event, ev.Booted):
            continue
        match event:
            case ev.SmpCallFunction() if begin is Life.UNHOOKED:
                return "no page for a batch: after an IPI"
            case ev.AtomicRead(var="mm_users") if event.value < 2 and begin is Life.UNHOOKED:
                return "at once: mm_users is below two"
            case ev.Invalidate():
                return "after the flush"
            case ev.NumOnlineCpus() if event.value == 1:
                return "at once: one CPU is online"
            case ev.Booted() if not event.smp:
                return "at once: there is one CPU"
    raise AssertionError(f"a table that is {begin.value} is freed, and nothing in the run says why")


def too_late() -> list[str]:
    """The errata whose drawn run touches a table that was freed."""
    return [
        number
        for number, drawing in drawings.drawings().items()
        if any(history.too_late for history in lives(drawing.replayed.trace).values())
    ]


def markup() -> str:
    """The picture."""
    found, order = ways(), list(Life)
    rooms = {stage: TOP + place * (LINE + 12 + GAP) for place, stage in enumerate(order)}
    said = [
        f"{way.begin.value} -> {way.end.value}: {way.why}; {way.tables} tables, first in {way.first}" for way in found
    ]
    errata = too_late()
    said.append(f"freed -> touched after it was freed: as errata {', '.join(errata)} show")
    height = rooms[order[-1]] + 2 * (LINE + 12) + GAP + 24
    made = Picture(WIDTH, height, TITLE, f"From runs of {PORT} on {' and '.join(ARCHS)}.\n" + "\n".join(said))
    x = 30
    made.write(
        ["(n): so many tables went this way,", f"in runs of {PORT} on {' and '.join(ARCHS)}"],
        x + 420,
        TOP + 12,
        "faint",
    )
    for stage, y in rooms.items():
        made.box(x, y, BOX, [stage.value], f"life {LIVES[stage]}", f"a table is {stage.value}")
    groups = _grouped(found)
    skipping = [each for each, _ in groups if order.index(each[1]) != order.index(each[0]) + 1]
    labels, below = x + BOX + 240 + 24 * len(skipping), 0
    for (begin, end), group in groups:
        lines = [f"{way.why} ({way.tables})" for way in group]
        hover = "; ".join(f"{way.why}: first in {way.first}" for way in group)
        down = rooms[begin] + LINE + 12
        if (begin, end) not in skipping:
            made.way([(x + BOX // 2, down), (x + BOX // 2, rooms[end])], hover)
            made.write(lines, x + BOX // 2 + 10, down + 26, "faint", hover=hover)
            continue
        aside = skipping.index((begin, end)) + 1
        out, start, stop = x + BOX + 210 + 24 * aside, rooms[begin] + 6 * aside, rooms[end] + 6 * aside
        made.way([(x + BOX, start), (out, start), (out, stop), (x + BOX, stop)], hover)
        below = max(below, start + 24)
        # A dot on the way that the words are about: their line may cross another.
        made.put(draw.Circle(out, below - 4, 3, class_="way-end"), hover)
        made.put(draw.Line(out, below - 4, labels - 6, below - 4, class_="way"), hover)
        made.write(lines, labels, below, "faint", hover=hover)
        below += LINE * len(lines) + 14
    last = rooms[Life.FREED] + LINE + 12
    made.way([(x + BOX // 2, last), (x + BOX // 2, last + GAP)], "no run of a correct port goes here", "wrong")
    made.write([f"read or freed again: errata {', '.join(errata)}"], x + BOX // 2 + 10, last + 26, "sign")
    made.box(x, last + GAP, BOX + 90, ["touched too late"], "box", "no run of a correct port comes here")
    return made.markup()


def _grouped(found: list[Way]) -> list[tuple[tuple[Life, Life], list[Way]]]:
    groups: dict[tuple[Life, Life], list[Way]] = {}
    for way in found:
        groups.setdefault((way.begin, way.end), []).append(way)
    return list(groups.items())
