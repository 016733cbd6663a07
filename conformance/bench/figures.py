# SPDX-License-Identifier: GPL-2.0-only
"""From the runs of all rounds to what is printed: medians, ratios, their mean, growth.

Nothing is measured here, and a figure that is missing stays missing: it is printed as a dash, and what would
have needed it says so instead of leaving it out of a mean.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import geometric_mean, linear_regression, median
from typing import Final

from peers import Measured
from scenarios import GROWTH, LONG_SEARCHES, MEAN_OVER, SCENARIOS

MEGABYTE: Final = 1_000_000
DASH: Final = "-"

#: A figure of one run.
Figure = Callable[[Measured], float]


def whole(run: Measured) -> float:
    """From the start to the verdict."""
    return run.whole


def search(run: Measured) -> float:
    """The search alone."""
    return run.search


def peak(run: Measured) -> float:
    """Memory at its highest."""
    return run.peak


def states(run: Measured) -> float:
    """States stored."""
    return run.states


@dataclass(slots=True)
class Row:
    """What is known of one checker on one scenario."""

    scenario: str
    checker: str
    runs: list[Measured] = field(default_factory=list)
    did_not_run: str | None = None  #: why; the runs before stay out of all figures then

    def figure(self, of: Figure) -> float | None:
        """The median over the rounds."""
        return median(map(of, self.runs)) if self.runs and self.did_not_run is None else None

    @property
    def wrong(self) -> str | None:
        """A verdict that is not the scenario's."""
        right = SCENARIOS[self.scenario].verdict
        return next((run.verdict for run in self.runs if run.verdict != right), None)


#: By scenario and checker, in the order in which they were measured.
Rows = Mapping[tuple[str, str], Row]


def table(head: Sequence[str], lines: Iterable[Sequence[str]], words: int) -> str:
    """Columns: the first so many are words and stand left, the others are figures and stand right."""
    cells = [list(head), *map(list, lines)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
    rendered = (
        "  ".join(
            cell.ljust(width) if column < words else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    )
    return "\n".join(rendered)


def shown(figure: float | None, form: str, suffix: str = "") -> str:
    """A figure, or the dash."""
    return DASH if figure is None else f"{figure:{form}}{suffix}"


def three_digits(figure: float | None) -> str:
    """Three digits that mean something, without an exponent: from 7 µs to hours."""
    if figure is None or figure <= 0:
        return DASH
    return f"{figure:.{max(0, 2 - math.floor(math.log10(figure)))}f}"


def measured(rows: Iterable[Row]) -> str:
    """Each checker on each scenario; below, why one did not run."""
    rows = list(rows)
    head = ("scenario", "checker", "verdict", "states", "search s", "whole s", "peak MB")
    reasons = [f"{row.checker} did not run on {row.scenario}: {row.did_not_run}" for row in rows if row.did_not_run]
    return "\n".join([table(head, map(line_of, rows), words=3), *reasons])


def line_of(row: Row) -> tuple[str, ...]:
    """One line of measured()."""
    verdict = f"{row.wrong}: WRONG" if row.wrong else SCENARIOS[row.scenario].verdict
    memory = row.figure(peak)
    return (
        row.scenario,
        row.checker,
        verdict if row.runs and not row.did_not_run else "did not run",
        shown(row.figure(states), ",.0f"),
        three_digits(row.figure(search)),
        three_digits(row.figure(whole)),
        shown(memory and memory / MEGABYTE, ".1f"),
    )


def cheapest(rows: Rows, scenario: str, peer: str, of: Figure) -> float | None:
    """The peer's best median over the levels that it was compiled at.  A wrong answer is never cheap."""
    own = (row for (name, checker), row in rows.items() if name == scenario and checker.split()[0] == peer)
    known = [figure for row in own if not row.wrong and (figure := row.figure(of)) is not None]
    return min(known, default=None)


def ratio(rows: Rows, scenario: str, peer: str, of: Figure) -> float | None:
    """How many times ours the peer needs; more than 1 is a lead of ours."""
    theirs = cheapest(rows, scenario, peer, of)
    mine = cheapest(rows, scenario, "ours", of)
    return theirs / mine if theirs and mine else None


def mean_ratio(rows: Rows, peer: str, of: Figure) -> float | None:
    """The geometric mean over MEAN_OVER, or nothing if one of them is missing."""
    ratios = [ratio(rows, scenario, peer, of) for scenario in MEAN_OVER]
    known = [each for each in ratios if each is not None]
    return geometric_mean(known) if len(known) == len(ratios) else None


RATIOS: Final = (
    *((peer, of) for peer in ("spin", "rumur") for of in (whole, search, peak, states)),
    ("sized-spin", whole),
    ("sized-spin", peak),
)


def compared(rows: Rows) -> str:
    """The peers at their cheapest, each figure as a multiple of ours."""
    head = ("scenario", *(f"{peer} {of.__name__}" for peer, of in RATIOS))
    scenarios = dict.fromkeys(name for name, _ in rows)
    lines = [(name, *(three_digits(ratio(rows, name, *each)) for each in RATIOS)) for name in scenarios]
    mean = ("geometric mean", *(three_digits(mean_ratio(rows, *each)) for each in RATIOS))
    return table(head, [*lines, mean], words=1) + f"\nThe mean is over {', '.join(MEAN_OVER)}."


def growth_per_walker(figures: Sequence[float]) -> float:
    """By what the figure is multiplied with each walker more: the slope of a line through the logarithms."""
    return math.exp(linear_regression(range(len(figures)), [math.log(figure) for figure in figures]).slope)


def growth(rows: Rows) -> str:
    """Our states and seconds for one walker more each time."""
    of = (states, search, whole)
    ours = {name: [cheapest(rows, name, "ours", each) for each in of] for name in GROWTH}
    lines = [(name, shown(each[0], ",.0f"), *map(three_digits, each[1:])) for name, each in ours.items()]
    columns = [[figure for figure in column if figure] for column in zip(*ours.values(), strict=True)]
    fitted = [shown(growth_per_walker(each) if len(each) == len(GROWTH) else None, ".2f", "x") for each in columns]
    return table(("ours", "states", "search s", "whole s"), [*lines, ("per walker", *fitted)], words=1)


def smallest(rows: Rows, scenarios: Sequence[str], of: Figure) -> float | None:
    """The smallest of our leads over SPIN, or nothing if one of them is missing."""
    ratios = [ratio(rows, name, "spin", of) for name in scenarios]
    known = [each for each in ratios if each is not None]
    return min(known) if len(known) == len(ratios) else None


def bars(rows: Rows) -> str:
    """What the project asks of its own search, and whether it is so in this run."""
    lines = [
        bar("SPIN's whole process / ours, geometric mean", mean_ratio(rows, "spin", whole), 5),
        bar("SPIN's whole process / ours, smallest", smallest(rows, MEAN_OVER, whole), 1),
        bar("SPIN's memory / ours on P5_5, its table sized for it", ratio(rows, "P5_5", "sized-spin", peak), 10),
        bar("our states on P5_5", cheapest(rows, "P5_5", "ours", states), 3_300, at_most=True),
        bar(
            f"SPIN's search / ours on {', '.join(LONG_SEARCHES)}, smallest; asked of compiled code",
            smallest(rows, LONG_SEARCHES, search),
            5,
        ),
    ]
    return table(("bar", "wanted", "measured", ""), lines, words=1)


def bar(sentence: str, figure: float | None, wanted: float, at_most: bool = False) -> tuple[str, str, str, str]:
    """One line of bars()."""
    sign = "<=" if at_most else ">="
    met = figure is not None and (figure <= wanted if at_most else figure >= wanted)
    answer = "not measured" if figure is None else "met" if met else "NOT MET"
    return sentence, f"{sign} {wanted:,}", shown(figure, ",.0f") if at_most else three_digits(figure), answer
