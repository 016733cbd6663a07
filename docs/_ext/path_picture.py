# SPDX-License-Identifier: GPL-2.0-only
"""The path of the data through the rooms, with what went along it in one run of the suite.

The numbers are those of that run; the modules are named by the modules themselves.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from mmu_gather_conformance import check, interleaved, judge, recorder, report
from mmu_gather_conformance.interleave import search
from mmu_gather_conformance.report import PortReport
from mmu_gather_spec import rules
from mmu_gather_spec.rules import RULES
from picture import Picture
from runs_shown import PORT

TITLE: Final = "The path of the data through the rooms"
#: As one would type it: mmu-gather run ref --arch hash64 -k every
ARCH, KEYWORD = "hash64", "every"


@cache
def run() -> PortReport:
    """The run."""
    return check.check(PORT, archs=[ARCH], keyword=KEYWORD)


def numbers() -> dict[str, int]:
    """What went along."""
    made = run()
    asked = [case for case in made.cases if case.answer]
    recorded = [case for case in made.cases if not case.answer]
    return {
        "cases": len(recorded),
        "litmus tests": len(asked),
        "runs": sum(case.runs for case in recorded),
        "effects": sum(case.effects for case in made.cases),
        "states": sum(case.states for case in asked),
        "rules": len(made.by_rule()),
        "findings": sum(len(case.found) for case in made.cases),
    }


def name(module: object) -> str:
    """A module as its file is called in its room."""
    return str(getattr(module, "__name__")).removeprefix("mmu_gather_")  # noqa: B009 - a module has it


def markup() -> str:
    """The picture."""
    n = numbers()
    command = f"mmu-gather run {PORT} --arch {ARCH} -k {KEYWORD}"
    words = (
        f"In `{command}`: the port (reference and arch) and {n['cases']} cases go to {name(recorder)}, which makes "
        f"{n['runs']} runs of {n['effects']} effects; {n['litmus tests']} litmus tests go the same way and on to "
        f"{name(search)}, which visits {n['states']} states; {name(judge)} folds the monitors of {n['rules']} of "
        f"{len(RULES)} rules over the traces of both, and the {n['findings']} findings go into {name(report)}."
    )
    made = Picture(900, 330, TITLE, words)
    made.write([command], 20, 24, "faint")
    made.box(20, 50, 170, ["reference, arch", "the port"], hover="the kernel's functions, by their names")
    made.box(20, 130, 170, ["scenarios", f"{n['cases']} cases"], hover="what a caller does, as data")
    made.box(20, 210, 170, ["litmuses", f"{n['litmus tests']} questions"], hover=name(interleaved))
    made.box(250, 130, 190, [name(recorder).partition(".")[2], f"{n['runs']} runs"], hover=name(recorder))
    made.box(250, 210, 190, [name(search).partition(".")[2], f"{n['states']} states"], hover=name(search))
    made.box(
        500, 50, 170, [name(rules), f"{n['rules']} of {len(RULES)} rules"], hover="the law: a monitor for each rule"
    )
    made.box(500, 130, 170, [name(judge).partition(".")[2], "traces in"], hover=name(judge))
    made.box(730, 130, 150, [name(report).partition(".")[2], f"{n['findings']} findings"], hover=name(report))
    made.way([(190, 73), (345, 73), (345, 130)], "the port is called")
    made.way([(190, 153), (250, 153)], "cases")
    made.way([(190, 220), (220, 220), (220, 165), (250, 165)], "the gathers of a litmus are recorded, too")
    made.way([(190, 240), (250, 240)], "programs")
    made.way([(345, 176), (345, 210)], "recordings")
    made.way([(440, 153), (500, 153)], f"traces of {n['effects']} effects")
    made.way([(440, 233), (585, 233), (585, 176)], "witnesses")
    made.way([(585, 96), (585, 130)], "monitors")
    made.way([(670, 153), (730, 153)], "findings")
    made.write([f"{n['effects']} effects"], 446, 120, "faint")
    made.write(["what is drawn, printed or written is made of the report alone"], 20, 300, "faint")
    return made.markup()
