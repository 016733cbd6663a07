# SPDX-License-Identifier: GPL-2.0-only
"""Asking a litmus of a port: the search's answer, and a witness for whatever was found.

The question is about one rule; that nothing is freed twice, lost, or waited for in vain is asked along with it.
A verdict is the reduced search's.  Where it finds a violation, the plain search says by which shortest way, and the
judge has to agree: a witness in which the judge finds nothing is a fault of the suite.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mmu_gather_spec.rule import Rule
from mmu_gather_spec.rules import RULES

from mmu_gather_conformance.cases import Case
from mmu_gather_conformance.interleave import loop
from mmu_gather_conformance.interleave.explore import REDUCED, Mode, explore
from mmu_gather_conformance.interleave.product import Product
from mmu_gather_conformance.interleave.witness import Witness, witnesses
from mmu_gather_conformance.interleaving import Prepared, prepare
from mmu_gather_conformance.judge import Finding, judge
from mmu_gather_conformance.litmus import Litmus
from mmu_gather_conformance.recorder import Recording, Run

#: Asked along with every litmus.
ALWAYS_ASKED: Final = (
    "batch.freed-exactly-once",
    "progress.eventually-freed",
    "progress.every-allocation-failing",
)
#: The rule that a deadlock breaks: somebody waits for an interrupt that cannot arrive.
DEADLOCK: Final = "progress.waits-with-irqs-on"
#: A search for witnesses keeps no more states than this.
WITNESS_STATES: Final = 300_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question."""

    #: in herd's words, about the forbidden outcome
    answer: str
    states: int
    moves: int
    #: False if the search was cut short: "no violation within so many states", and never "holds"
    complete: bool
    witnesses: tuple[Witness, ...] = ()

    def of(self, rule: str, /) -> Witness | None:
        """The shortest witness against a rule."""
        return min((w for w in self.witnesses if w.rule == rule), key=lambda w: len(w.trace), default=None)


def rules_of(litmus: Litmus, /) -> list[Rule]:
    """The rules that a litmus asks about."""
    return [RULES[rule] for rule in dict.fromkeys((litmus.forbidden, *ALWAYS_ASKED))]


def ask(
    litmus: Litmus,
    arch: str,
    record: Callable[[Case], Recording],
    /,
    *,
    mode: Mode = REDUCED,
    most: int = 2_000_000,
    without: frozenset[str] = frozenset(),
    tell: loop.Tell = loop.nobody,
) -> Outcome:
    """Put a litmus to a port.

    record: has the port recorded.  most: how many states to keep.  without: guards of the machine to leave out,
    for tests.  tell: told now and then how far the search has come.
    Errors: lift.Untestable.
    """
    prepared = prepare(litmus, arch, record)
    product = build(litmus, prepared, without=without)
    result = explore(product, mode, most=most, tell=tell)
    found: list[Witness] = []
    if result.broken:
        found = witnesses(build(litmus, prepared, explicit=True, without=without), result.broken, WITNESS_STATES)
    forbidden = litmus.forbidden in {rule for rule, _ in result.broken}
    answer = "Never" if not forbidden else "Sometimes" if result.clean or not result.complete else "Always"
    return Outcome(answer, result.states, result.moves, result.complete, tuple(found))


def build(
    litmus: Litmus, prepared: Prepared, /, *, explicit: bool = False, without: frozenset[str] = frozenset()
) -> Product:
    """The product of a prepared litmus; explicit: every IPI is answered by a step of its own."""
    return Product(prepared.members, prepared.world, rules_of(litmus), explicit=explicit, without=without)


def judged(witness: Witness, era: str, /) -> Finding | None:
    """What the judge finds in a witness: the same rule, or the suite is at fault."""
    rule = RULES[witness.rule or DEADLOCK]
    found = judge([Run((), 0, witness.trace)], [rule], era)[rule.id]
    return found.violation or found.known
