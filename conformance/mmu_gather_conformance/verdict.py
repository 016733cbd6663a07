# SPDX-License-Identifier: GPL-2.0-only
"""Verdicts and exit codes: the words that every report uses, and what each is worth.

Where several things happened, the graver one decides how the command exits.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, IntEnum
from typing import Final


class Verdict(Enum):
    """What became of one rule, or of one case."""

    PASSED = "passed"
    #: the era's known defect showed; it is permitted
    AS_WRITTEN = "passed (as-written)"
    VIOLATED = "violated"
    #: violated, and the baseline says so
    EXPECTED = "expected"
    #: in the baseline, but passes
    STALE = "stale"
    NOT_APPLICABLE = "not-applicable"
    #: counts as violated
    UNTESTABLE = "untestable"
    CRASHED = "crashed"
    TIMED_OUT = "timed-out"
    PROTOCOL_ERROR = "protocol-error"
    UNSTABLE = "unstable"
    #: the reference fails the same rule: the suite is at fault
    SUITE_ERROR = "suite-error"


class Exit(IntEnum):
    """The exit codes of the command."""

    CONFORMS = 0
    VIOLATED = 1
    USAGE = 2
    STALE = 3
    NOTHING_RAN = 4
    PORT_BROKE = 5
    SUITE_BROKE = 6


EXITS: Final[dict[Verdict, Exit]] = {
    Verdict.PASSED: Exit.CONFORMS,
    Verdict.AS_WRITTEN: Exit.CONFORMS,
    Verdict.EXPECTED: Exit.CONFORMS,
    Verdict.NOT_APPLICABLE: Exit.CONFORMS,
    Verdict.VIOLATED: Exit.VIOLATED,
    Verdict.UNTESTABLE: Exit.VIOLATED,
    Verdict.UNSTABLE: Exit.VIOLATED,
    Verdict.STALE: Exit.STALE,
    Verdict.CRASHED: Exit.PORT_BROKE,
    Verdict.TIMED_OUT: Exit.PORT_BROKE,
    Verdict.PROTOCOL_ERROR: Exit.PORT_BROKE,
    Verdict.SUITE_ERROR: Exit.SUITE_BROKE,
}

#: From the gravest down.
_GRAVITY: Final = (
    Exit.SUITE_BROKE,
    Exit.PORT_BROKE,
    Exit.VIOLATED,
    Exit.STALE,
    Exit.NOTHING_RAN,
    Exit.CONFORMS,
)

_WORST: Final = (
    Verdict.SUITE_ERROR, Verdict.PROTOCOL_ERROR, Verdict.CRASHED, Verdict.TIMED_OUT, Verdict.UNSTABLE,
    Verdict.UNTESTABLE, Verdict.VIOLATED, Verdict.STALE, Verdict.EXPECTED, Verdict.AS_WRITTEN,
    Verdict.PASSED, Verdict.NOT_APPLICABLE,
)  # fmt: skip


def gravity(verdict: Verdict, /) -> int:
    """The place of a verdict among all, the gravest first."""
    return _WORST.index(verdict)


def worst(verdicts: Iterable[Verdict], /) -> Verdict:
    """The gravest of some verdicts; passed if there are none."""
    found = set(verdicts)
    return next((verdict for verdict in _WORST if verdict in found), Verdict.PASSED)


def exit_code(verdicts: Iterable[Verdict], /) -> Exit:
    """How the command exits after these verdicts; nothing ran if there are none."""
    codes = {EXITS[verdict] for verdict in verdicts}
    return next((code for code in _GRAVITY if code in codes), Exit.NOTHING_RAN)
