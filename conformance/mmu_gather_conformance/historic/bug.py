# SPDX-License-Identifier: GPL-2.0-only
"""A bug of the kernel's history, and what this suite makes of it.

An entry says what went wrong, in words of this project, and where the kernel's log tells it.  What it comes to here
is one of two things: a run of the suite in which it is found, or the reason why there is none.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from mmu_gather_spec.record import record
from mmu_gather_spec.rule import Binds
from mmu_gather_spec.rules import RULES

from mmu_gather_conformance.litmuses import LITMUSES
from mmu_gather_conformance.scenarios import SCENARIOS


class Shown(Enum):
    """Whose fault a run shows."""

    #: the port is rejected
    VIOLATED = "the port's"
    #: the era's own code has the bug, and its erratum is named
    AS_WRITTEN = "the era's own"
    #: a caller leaves a duty out, and is found out whatever the port does
    MISUSE = "the caller's"
    #: a walker leaves a duty out, or walks in a way that came later, and loses its table
    WALKER = "the walker's"


@record(frozen=True, slots=True)
class Replay:
    """The same bug in this suite: a port, the case that shows it, and the rule that it breaks there."""

    port: str
    #: `scenario/arch[/config]`, or `litmus/arch`
    case: str
    rule: str
    #: the known defect that it is
    erratum: str = ""

    @property
    def shown(self) -> Shown:
        """Whose fault it shows."""
        scenario = SCENARIOS.get(self.case.partition("/")[0])
        if scenario is not None and scenario.misuse == self.rule:
            return Shown.MISUSE
        if RULES[self.rule].binds is Binds.WALKER:
            return Shown.WALKER
        return Shown.AS_WRITTEN if self.erratum else Shown.VIOLATED

    @property
    def interleaved(self) -> bool:
        """Whether it takes somebody beside the port to show it."""
        return self.case.partition("/")[0] in LITMUSES


@record(frozen=True, slots=True)
class Outside:
    """No run here can show it: the agent, the state or the structure that is missing."""

    reason: str
    #: the litmus that comes nearest; empty for none
    nearest: str = ""


How: TypeAlias = Replay | Outside


@record(frozen=True, slots=True)
class Bug:
    """One bug, hazard or cure of the kernel's history."""

    #: stays as it is; one that is missing was never given
    number: str
    year: int
    #: twelve digits of the id of the commit whose log tells it; empty where a mail does
    commit: str
    #: whose patch or mail that is
    who: str
    #: its subject
    title: str
    #: the bug in a line
    brief: str
    wrong: str
    how: How
    #: whether commit, author and subject have been looked up where the kernel keeps them
    verified: bool = True

    @property
    def cited(self) -> str:
        """The commit as far as it can be cited."""
        return (self.commit or "no commit") if self.verified else "unverified"
