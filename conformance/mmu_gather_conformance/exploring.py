# SPDX-License-Identifier: GPL-2.0-only
"""Random litmus tests: programs that nobody thought of, each decided completely.

Hypothesis makes a scenario; the search says whether any interleaving of it breaks a rule that the port is held to.
If one does, the scenario is made smaller as long as that stays so, and of the smallest the shortest schedule is
kept.  What an era is known for does not count, nor does what a walker owes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import hypothesis
from hypothesis import strategies as st
from mmu_gather_spec.arch import ARCHS
from mmu_gather_spec.record import record, replace

from mmu_gather_conformance.check import open_host, rules_for
from mmu_gather_conformance.interleaved import Asker, Question
from mmu_gather_conformance.litmus import Litmus
from mmu_gather_conformance.litmus_strategies import litmuses
from mmu_gather_conformance.report import BOTH, CaseResult, Found
from mmu_gather_conformance.strategies import TOLERATED
from mmu_gather_conformance.verdict import Verdict

#: What is asked of a port: rules that bind it, and whose monitors a search can carry.
ASKED: Final = (
    "walk.never-a-freed-table",
    "separation.waited-for-every-cpu",
    "walk.hardware-never-a-freed-table",
    "walk.no-access-to-a-freed-page",
    "order.nothing-stale-in-its-range",
)
#: What a scenario is called that nobody has named.
NAME: Final = "random"


@record(slots=True)
class Explored:
    """What came of it."""

    port: str
    era: str
    examples: int = 0
    states: int = 0
    untestable: int = 0
    #: the smallest scenario that breaks a rule, and what it breaks
    result: CaseResult | None = None
    litmus: Litmus | None = None

    @property
    def found(self) -> Found | None:
        """The violation with the shortest schedule."""
        bad = [found for found in self.result.found if found.verdict is Verdict.VIOLATED] if self.result else []
        return min(bad, key=lambda found: found.steps, default=None)


class _Violated(Exception):
    """Some interleaving of an example breaks a rule."""


def explore(
    port: str,
    *,
    examples: int = 200,
    seed: int = 0,
    archs: tuple[str, ...] = (),
    tell: Callable[[CaseResult], None] = lambda result: None,
) -> Explored:
    """Put random litmus tests to a port until one of them breaks a rule.

    examples: how many.  seed: the same seed makes the same ones.  archs: none for all that the port has.
    tell: called with each result as it comes.
    Errors: ports.UnknownPort for a name that stands for nothing.
    """
    host, known, trouble = open_host(port, None, BOTH, 20.0, in_process=False)
    era = known.era
    explored = Explored(port, era)
    if trouble is not None:
        host.close()
        explored.result = CaseResult(NAME, "", trouble.verdict, trouble.detail)
        return explored
    asker = Asker(host, port, era, frozenset(rule.id for rule in rules_for(era)))
    there = tuple(
        arch for arch in archs or known.archs if arch in known.archs and ARCHS[arch].bits_per_long in known.bits
    )

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=TOLERATED,
    )
    @hypothesis.given(litmuses(ASKED), st.sampled_from(there))
    def one(litmus: Litmus, arch: str) -> None:
        litmus = replace(litmus, name=NAME)
        result = asker.ask(Question(litmus, arch))
        explored.examples += 1
        explored.states += result.states
        explored.untestable += result.verdict is Verdict.UNTESTABLE
        tell(result)
        if result.verdict in _BAD:
            explored.result, explored.litmus = result, litmus
            raise _Violated

    try:
        one()
    except _Violated:
        pass
    finally:
        host.close()
    return explored


_BAD: Final = frozenset({Verdict.VIOLATED, Verdict.CRASHED, Verdict.TIMED_OUT, Verdict.PROTOCOL_ERROR})
