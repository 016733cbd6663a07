# SPDX-License-Identifier: GPL-2.0-only
"""The static verdict beside the dynamic one: in the report of a run, each rule with the functions that it binds.

A function that has the wrong shape may still do the right thing in a run, and one that has the right shape the wrong
thing; where both are known, a rule that was broken by a function without types is found at once.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.bound import functions_bound
from mmu_gather_spec.rules import RULES

from mmu_gather_conformance.report import PortReport
from mmu_gather_conformance.static.check_types import check_types
from mmu_gather_conformance.static.verdict import PortTypes, Static

#: From the gravest down.
WORST: Final = (Static.MISSING, Static.SIGNATURE, Static.UNTYPED, Static.OK)


def types_of(ports: tuple[str, ...], era: str | None, halves: tuple[str, ...], /) -> dict[str, PortTypes]:
    """The static verdicts of those ports that are written in Python, by their names.

    Errors: as `check_types`.
    """
    python = [port for port in ports if port.startswith("py:")]
    found = check_types(*python, era=era, halves=halves) if python else []
    return dict(zip(python, found, strict=True))


def put_beside(report: PortReport, types: PortTypes, /) -> None:
    """Put a port's static verdict into its report."""
    verdicts = {each.function: each.verdict for each in types.functions}
    report.types = types
    for rule in report.by_rule():
        if rule in RULES:
            bound = [verdicts[name] for name in functions_bound(RULES[rule], types.era) if name in verdicts]
            if bound:
                report.types_by_rule[rule] = min(bound, key=WORST.index)
