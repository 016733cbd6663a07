# SPDX-License-Identifier: GPL-2.0-only
"""One case by its id, put to one port: what a page, the matrix and an erratum are made of.

Which cases an era has is `cases`' and `interleaved`'s to say; a case that the port's era does not have is none, even
where another era has it.
"""

from __future__ import annotations

from collections.abc import Sequence

from mmu_gather_spec.rule import Rule

from mmu_gather_conformance.case import Case
from mmu_gather_conformance.cases import cases
from mmu_gather_conformance.checker import Checker
from mmu_gather_conformance.hosts import InProcess
from mmu_gather_conformance.interleaved import Question
from mmu_gather_conformance.litmuses import LITMUSES
from mmu_gather_conformance.ports import Port
from mmu_gather_conformance.report import CaseResult


class NoSuchCase(KeyError):
    """An id that stands for no case of this port."""


def case_of(case_id: str, port: Port, /) -> Case | Question:
    """A scenario's case, or a litmus.  Errors: NoSuchCase."""
    name, _, rest = case_id.partition("/")
    arch = rest.partition("/")[0]
    litmus = LITMUSES.get(name)
    if litmus is not None and rest in port.archs and rest in (litmus.archs or port.archs):
        return Question(litmus, arch)
    for case in cases((arch,), port.era, case_id):
        if case.id == case_id:
            return case
    raise NoSuchCase(case_id)


def result_of(case_id: str, port: Port, rules: Sequence[Rule], /) -> CaseResult:
    """What becomes of a case, judged by these rules.  Errors: NoSuchCase."""
    case = case_of(case_id, port)
    return Checker(InProcess(port), port.name, port.era, rules).case(case)
