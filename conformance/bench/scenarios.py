# SPDX-License-Identifier: GPL-2.0-only
"""The scenarios of the benchmark: one table for all checkers, so that all are asked the same question.

What the numbers mean is said in README.md, whose table is held to this one by a test.  The models know no
scenario: SPIN gets the numbers as macros, rumur as constants.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row of the table."""

    name: str
    NU: int  #: unmappers
    NT: int  #: tables of each
    CAP: int  #: tables that a batch takes
    AF: int  #: may the allocation of a batch fail?
    NW: int  #: software walkers
    NH: int  #: hardware walkers
    MM: int  #: mm_users at the start
    DEC: int  #: does a software walker drop its mm_user?
    FIX: int  #: are translations invalidated before every free?
    holds: bool  #: the right answer
    #: Reachable states without any reduction, or None where they are too many for SPIN, which has no symmetry.
    states: int | None

    @property
    def parameters(self) -> dict[str, int]:
        """The numbers by the names that they have in both models."""
        return {name: getattr(self, name) for name in PARAMETERS}

    @property
    def verdict(self) -> str:
        """The right answer, in the word that every checker's answer is brought to."""
        return "holds" if self.holds else "violated"


PARAMETERS: Final = ("NU", "NT", "CAP", "AF", "NW", "NH", "MM", "DEC", "FIX")

#: Reachable states of P5_1, P5_2, ... as SPIN without its reduction and rumur without symmetry count them.
P5_STATES: Final = (224, 1_948, 19_034, 206_728, 2_457_314, None, None, None)

# fmt: off
TABLE: Final = (
    #               NU NT CAP AF NW NH MM DEC FIX  holds  states
    Scenario("P1",   1, 2,  4, 0, 1, 0, 2,  0,  0,  True,     100),
    Scenario("P2",   1, 2,  4, 1, 2, 0, 3,  0,  0,  True,   1_810),
    Scenario("P3",   1, 1,  4, 0, 0, 1, 1,  0,  0, False,      21),
    Scenario("P3f",  1, 1,  4, 0, 0, 1, 1,  0,  1,  True,      21),
    Scenario("P4",   2, 2,  2, 0, 2, 0, 4,  1,  0,  True,  60_792),
    Scenario("P4a",  2, 2,  2, 1, 2, 0, 4,  1,  0,  True, 333_871),
    *(Scenario(f"P5_{n}", 1, 2, 2, 1, n, 0, n + 1, 0, 0, True, states) for n, states in enumerate(P5_STATES, 1)),
    Scenario("P6",   1, 2,  1, 0, 0, 1, 2,  0,  0, False,     217),
    Scenario("P6f",  1, 2,  1, 0, 0, 1, 2,  0,  1,  True,     217),
)
# fmt: on

SCENARIOS: Final = {scenario.name: scenario for scenario in TABLE}

#: What growth is fitted over: the same work with one more walker each time.
GROWTH: Final = tuple(name for name in SCENARIOS if name.startswith("P5_"))

#: What the geometric mean is taken over: no scenario that ends at its first violation.
MEAN_OVER: Final = ("P1", "P2", "P4", "P4a", "P5_3", "P5_4", "P5_5")

#: Where SPIN searches for so long that starting its process is no part of the figure.
LONG_SEARCHES: Final = ("P4", "P4a", "P5_5")
