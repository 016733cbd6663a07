# SPDX-License-Identifier: GPL-2.0-only
"""The words of a static verdict, and what is known of each function of a port."""

from __future__ import annotations

from collections import Counter
from enum import Enum

from mmu_gather_spec.record import record


class Static(Enum):
    """What becomes of one function of the contract."""

    #: it is there, and has the contract's shape
    OK = "ok"
    #: the port does not define it
    MISSING = "MISSING"
    #: it has another shape
    SIGNATURE = "SIGNATURE"
    #: it has the contract's shape only as far as it has any: a type checker could not tell if it were wrong
    UNTYPED = "UNTYPED"


@record(frozen=True, slots=True)
class FunctionVerdict:
    """One line of the report."""

    function: str
    verdict: Static
    #: the port's file, as it was named, and the line of the definition; 1 where there is none
    file: str
    line: int
    #: how the contract declares it
    expected: str
    #: how the port declares it; empty where it does not, or where nothing is wrong
    got: str = ""
    #: why, where `got` and `expected` do not show it
    reason: str = ""
    #: the questions that the checker answered otherwise than it does for a good function
    answers: tuple[str, ...] = ()


@record(frozen=True, slots=True)
class PortTypes:
    """The static verdict of one port."""

    port: str
    era: str
    #: `mypy` and its version, `pyright` and its version, or the C compiler
    checker: str
    functions: tuple[FunctionVerdict, ...]

    def good(self) -> bool:
        """Whether every function is as the contract has it."""
        return bool(self.functions) and all(each.verdict is Static.OK for each in self.functions)

    def counts(self) -> list[tuple[Static, int]]:
        """How many functions have which verdict, in the order of the words."""
        counted = Counter(each.verdict for each in self.functions)
        return [(verdict, counted[verdict]) for verdict in Static if counted[verdict]]


class CannotCheck(Exception):
    """The port is such that there is no verdict: one line says why."""


class NotThere(CannotCheck):
    """What was named is not there: a file, a module, a checker."""
