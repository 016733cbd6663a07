# SPDX-License-Identifier: GPL-2.0-only
"""Our search against SPIN and rumur, in turn, on the same scenarios: `python bench.py [SCENARIO...]`.

Only ratios of one run mean something, on a machine that does other things besides.  So the checkers take turns,
A B C A B C, and a bad minute is a bad minute for all of them.  A checker that is not there has a row that says
so, and the others go on.  README.md, beside this file, says what the figures are.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Sequence

from figures import Row, bars, compared, growth, measured
from peers import CHECKERS, DidNotRun
from scenarios import GROWTH, SCENARIOS

#: What is measured when nothing is named; the longest of P5 are for the growth of ours only.
USUAL = tuple(name for name, scenario in SCENARIOS.items() if scenario.states is not None)


def measure(rows: dict[tuple[str, str], Row], scenario: str, checkers: Sequence[str], rounds: int) -> None:
    """Let the checkers take turns on one scenario.  One that did not run is not asked again."""
    own = [rows.setdefault((scenario, checker), Row(scenario, checker)) for checker in checkers]
    for number in range(1, rounds + 1):
        for row in own:
            if row.did_not_run is None:
                progress(f"{scenario}, round {number} of {rounds}: {row.checker}")
                try:
                    row.runs.append(CHECKERS[row.checker](SCENARIOS[scenario]))
                except DidNotRun as reason:
                    row.did_not_run = str(reason)
    progress("")


def progress(text: str) -> None:
    """One line that is written over, for whoever is watching."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


def say(*parts: str) -> None:
    """Print parts of the report as they come."""
    sys.stdout.write("\n\n".join(parts) + "\n\n")
    sys.stdout.flush()


def measure_all(rows: dict[tuple[str, str], Row], names: Sequence[str], rounds: int) -> None:
    """What was named, or all and the growth of ours besides."""
    for name in names or USUAL:
        measure(rows, name, tuple(CHECKERS), rounds)
        say(measured(row for (scenario, _), row in rows.items() if scenario == name))
    if not names:
        for name in GROWTH:
            if (name, "ours") not in rows:
                measure(rows, name, ["ours"], rounds)
        say(measured(row for (name, _), row in rows.items() if name in GROWTH and name not in USUAL))


def main() -> int:
    """Measure, print, and fail if any verdict was wrong."""
    parser = argparse.ArgumentParser(description="Our search against SPIN and rumur.")
    parser.add_argument("scenario", nargs="*", help=f"one of {', '.join(SCENARIOS)}; all if none is named")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each checker on each scenario (default: 3)")
    arguments = parser.parse_args()
    for name in arguments.scenario:
        if name not in SCENARIOS:
            parser.error(f"unknown scenario {name!r}: choose from {', '.join(SCENARIOS)}")
    if arguments.rounds < 1:
        parser.error("there must be a round")
    say(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} CPUs, medians of rounds")
    rows: dict[tuple[str, str], Row] = {}
    try:
        measure_all(rows, arguments.scenario, arguments.rounds)
    except KeyboardInterrupt:
        progress("")
        say("Interrupted: what follows is of the rounds until then.", measured(rows.values()))
    say("The peers at their cheapest, as multiples of ours:", compared(rows))
    if not arguments.scenario:
        say(growth(rows), bars(rows))
    wrong = [f"{row.checker} on {row.scenario}" for row in rows.values() if row.wrong]
    if wrong:
        say(f"WRONG VERDICTS: {', '.join(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
