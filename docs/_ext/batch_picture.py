# SPDX-License-Identifier: GPL-2.0-only
"""The batch as it fills: one recorded run, a row for each step at which some table changes its place.

Shown is the run in which a full batch is submitted and every allocation succeeds.
"""

from __future__ import annotations

from typing import Final

import drawsvg as draw  # type: ignore[import-untyped]  # it has no stubs
from mmu_gather_conformance.lanes.describe import describe
from mmu_gather_conformance.lanes.lives import History, Life, lives
from mmu_gather_conformance.lanes.names import Names
from mmu_gather_conformance.lanes.palette import LIVES
from mmu_gather_conformance.lanes.seed_lines import seed_lines
from mmu_gather_spec import events as ev
from picture import Picture
from runs_shown import PORT, recordings

TITLE: Final = "A batch fills, is submitted, and is freed"
SHOWN: Final = "batch-full"
LAST: Final = "The call that fills the last slot submits the batch before it returns."
STAGES: Final = (Life.UNHOOKED, Life.BATCHED, Life.RCU, Life.FREED)
ROW, CELL, LEFT, LABEL, TOP = 30, 34, 20, 420, 80


def trace() -> tuple[str, ev.Trace]:
    """The case and the run: that with the most tables given to RCU at once."""
    runs = [
        (case.id, run.trace)
        for case, recording in recordings()
        if case.scenario.name == SHOWN and case.config.arch == "hash64"
        for run in recording.runs
    ]
    return max(runs, key=lambda each: (max(map(_submitted, each[1]), default=0), -len(each[1])))


def _submitted(event: ev.AnyEvent) -> int:
    return len(event.tables) if isinstance(event, ev.CallRcu) else 0


def markup() -> str:
    """The picture."""
    case, events = trace()
    names, seed, histories = Names(events), seed_lines(events), lives(events)
    boot = next(event for event in events if isinstance(event, ev.Booted))
    steps = sorted({at for history in histories.values() for at, _ in history.changes if at})
    slots = {Life.BATCHED: boot.max_table_batch}
    column, x = {}, LEFT + LABEL
    for stage in STAGES:
        column[stage] = x
        x += CELL * max(slots.get(stage, 0), *(len(_at(histories, step, stage)) for step in steps), 2) + 30
    said = []
    for step in steps:
        there = (f"{stage.value}: {names.several(_at(histories, step, stage)) or 'none'}" for stage in STAGES)
        said.append(f"step {step}, {describe(events[step], names)}: " + "; ".join(there))
    head = f"{case} of {PORT}; a batch holds {boot.max_table_batch} tables. {LAST}\n"
    made = Picture(x, TOP + ROW * len(steps) + 20, TITLE, head + "\n".join(said))
    made.write([f"{case}, {PORT}", LAST], LEFT, TOP - 54, "faint")
    for stage in STAGES:
        made.write([stage.value], column[stage], TOP - 12, "head")
    for row, step in enumerate(steps):
        y = TOP + ROW * row
        line = f"{step:3} {seed.get(step, '').removeprefix('seed '):8}{describe(events[step], names)}"
        made.write([line], LEFT, y + 18, hover=said[row])
        for stage in STAGES:
            held = _at(histories, step, stage)
            for place in range(max(len(held), slots.get(stage, 0))):
                at = column[stage] + CELL * place
                hover = f"{names.of(held[place])} is {stage.value}" if place < len(held) else "an empty slot"
                class_ = f"life {LIVES[stage]}" if place < len(held) else "box"
                made.put(draw.Rectangle(at, y + 3, CELL - 4, ROW - 8, rx=2, class_=class_), hover)
                if place < len(held):
                    word = f"life-word {LIVES[stage]}"
                    made.write([names.of(held[place])], at + CELL // 2 - 2, y + 18, word, "middle", hover)
    return made.markup()


def _at(histories: dict[int, History], step: int, stage: Life) -> list[int]:
    """The tables at a stage once a step has happened."""
    return [table for table, history in histories.items() if history.after(step) is stage]
