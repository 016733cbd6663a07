# SPDX-License-Identifier: GPL-2.0-only
"""The errata, drawn: for each the shortest run of the reference that shows it, made while the pages are.

Whether it is an interleaving or a run of the port alone makes no difference here.  Each is a saved run, and what is
drawn is the replay of the file that the page offers, up to the step that offends.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cache

from mmu_gather_conformance import defects, forms
from mmu_gather_conformance.lanes.palette import themed
from mmu_gather_conformance.lanes.seed_lines import seed_lines
from mmu_gather_conformance.lanes.svg import svg
from mmu_gather_conformance.replaying import Replayed, repeat
from mmu_gather_conformance.report import Found
from mmu_gather_spec.history import mended_in
from mmu_gather_spec.record import replace


@dataclass(frozen=True, slots=True)
class Drawing:
    """One defect as it is shown."""

    found: Found
    #: up to the step that offends
    replayed: Replayed
    #: the same in the era that mended it, where the port is alone
    mended: Replayed | None = None

    @property
    def file(self) -> str:
        """The saved run."""
        return forms.readable(self.found.failure).decode()


def markup(replayed: Replayed) -> str:
    """A drawing, and below it the same in words, for a page in HTML."""
    drawn = svg(replayed.trace, replayed.at, rule=replayed.rule, steps=seed_lines(replayed.trace))
    drawn = drawn.partition("?>")[2] if drawn.startswith("<?xml") else drawn
    return f'<div class="lanes-drawing">\n{drawn.strip()}\n</div>\n' + words(replayed, "The same in words")


def words(replayed: Replayed, summary: str) -> str:
    """A run in words, which a reader unfolds."""
    said = html.escape("\n".join(replayed.lines()))
    return f'<details class="lanes-words"><summary>{summary}</summary><pre>{said}</pre></details>\n'


def files() -> dict[str, str]:
    """The parts of the errata's page, and the runs that it offers."""
    made = {}
    for number, drawing in drawings().items():
        made[f"{number}.json"] = drawing.file
        made[f"{number}.html"] = markup(drawing.replayed)
        if drawing.mended is not None:
            made[f"{number}.html"] += words(drawing.mended, f"The same case in {mended_in(number)}")
    return made


@cache
def drawings() -> dict[str, Drawing]:
    """The drawing of each erratum that a run shows."""
    return {number: _drawing(number) for number in defects.SHOWN}


def _drawing(number: str) -> Drawing:
    found = defects.found(number)
    replayed = repeat(found.failure, found.failure.port, in_process=True)
    replayed = replace(replayed, trace=replayed.trace[: replayed.at + 1])
    return Drawing(found, replayed, defects.mended_run(number))


def style() -> str:
    """What a drawing needs of a page: the reader's choice of light or dark comes before the system's."""
    rules = [
        ".lanes-drawing { overflow-x: auto; margin: 1em 0 }",
        ".lanes-drawing svg { max-width: 100%; min-width: 36rem; height: auto }",
        ".lanes-words pre { overflow-x: auto; font-size: 75%; line-height: 1.3 }",
    ]
    return _sheet([*rules, themed()])


def room() -> str:
    """A page that is as wide as its drawings, with text no wider than it can be read."""
    return _sheet(
        [
            ".main { min-width: 0 }",
            ".content { flex: 1 1 0; width: auto; min-width: 0; max-width: 78rem }",
            ".content article :is(h1, h2, p, dl) { max-width: 44rem }",
        ]
    )


def _sheet(rules: list[str]) -> str:
    return "<style>\n" + "\n".join(rules) + "\n</style>\n"
