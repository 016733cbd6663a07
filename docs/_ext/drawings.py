# SPDX-License-Identifier: GPL-2.0-only
"""The errata, drawn: for each the shortest interleaving of the reference that shows it, found while the pages are made.

The committed answers say which questions show a defect, and in how many steps; those are asked again, shortest first,
until none that is left can be shorter.  What is drawn is the replay of the file that the page offers.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cache
from typing import Final

from litmus_pages import answers
from mmu_gather_conformance import forms, ports
from mmu_gather_conformance.hosts import InProcess
from mmu_gather_conformance.interleaved import Asker, Question
from mmu_gather_conformance.lanes.palette import themed
from mmu_gather_conformance.lanes.seed_lines import seed_lines
from mmu_gather_conformance.lanes.svg import svg
from mmu_gather_conformance.litmuses import LITMUSES
from mmu_gather_conformance.replaying import Replayed, repeat
from mmu_gather_conformance.report import Found
from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.errata import ERRATA
from mmu_gather_spec.rules import RULES

PORT: Final = "ref"
#: The rules that break where something is used that was freed.  A defect that comes to that is shown by it.
HARM: Final = ("walk.never-a-freed-table", "walk.hardware-never-a-freed-table", "walk.no-access-to-a-freed-page")


@dataclass(frozen=True, slots=True)
class Drawing:
    """One defect as it is shown."""

    question: Question
    found: Found
    replayed: Replayed

    @property
    def file(self) -> str:
        """The saved run."""
        return forms.readable(self.found.failure).decode()


def markup(replayed: Replayed) -> str:
    """A drawing, and below it the same in words, for a page in HTML."""
    drawn = svg(replayed.trace, replayed.at, rule=replayed.rule, steps=seed_lines(replayed.trace))
    drawn = drawn.partition("?>")[2] if drawn.startswith("<?xml") else drawn
    words = html.escape("\n".join(replayed.lines()))
    return (
        f'<div class="lanes-drawing">\n{drawn.strip()}\n</div>\n'
        f'<details class="lanes-words"><summary>The same in words</summary><pre>{words}</pre></details>\n'
    )


@cache
def drawings() -> dict[str, Drawing]:
    """The drawing of each erratum that an interleaving shows."""
    asker = Asker(InProcess(ports.open_port(PORT)), PORT, DEFAULT_ERA, frozenset(RULES))
    found = ((number, _drawing(number, asker)) for number in ERRATA)
    return {number: drawing for number, drawing in found if drawing is not None}


def _drawing(number: str, asker: Asker) -> Drawing | None:
    """The shortest witness of a defect, of the rules that come first for it."""
    by_steps = sorted(
        (_place(LITMUSES[name].forbidden), answer.steps or 0, name, arch)
        for name, by_arch in answers()[PORT].items()
        for arch, answer in by_arch.items()
        if name in LITMUSES and number in answer.errata
    )
    best: tuple[int, Question, Found] | None = None
    for place, steps, name, arch in by_steps:
        if best is not None and (place > by_steps[0][0] or steps >= best[0]):
            break
        question = Question(LITMUSES[name], arch)
        for found in asker.ask(question).found:
            length = len(found.failure.schedule)
            if found.erratum == number and (best is None or length < best[0]):
                best = length, question, found
    return None if best is None else Drawing(best[1], best[2], repeat(best[2].failure, PORT, in_process=True))


def _place(rule: str) -> tuple[bool, int]:
    """Rules that speak of harm come first; of these, the one that the fewest defects break."""
    return rule not in HARM, len(RULES[rule].status_in(DEFAULT_ERA).errata)


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
