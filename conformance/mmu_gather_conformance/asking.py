# SPDX-License-Identifier: GPL-2.0-only
"""Asking a litmus of a port: the search's answer, and a witness for whatever was found.

The question is about one rule; that nothing is freed twice, lost, or waited for in vain is asked along with it.
A verdict is the reduced search's.  A violation ends its interleaving and may hide another rule's, so where one rule has
broken the others are asked about without it.  The plain search says by which shortest way, and the judge has to
agree: a witness in which the judge finds nothing is a fault of the suite.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from mmu_gather_spec.record import record
from mmu_gather_spec.rule import Rule
from mmu_gather_spec.rules import RULES

from mmu_gather_conformance.case import Case
from mmu_gather_conformance.interleave import loop
from mmu_gather_conformance.interleave.explore import REDUCED, Mode, explore
from mmu_gather_conformance.interleave.lift import Untestable
from mmu_gather_conformance.interleave.product import Product
from mmu_gather_conformance.interleave.search import Result
from mmu_gather_conformance.interleave.slices import TooManyStates
from mmu_gather_conformance.interleave.witness import Witness, witnesses
from mmu_gather_conformance.interleaving import Prepared, prepare
from mmu_gather_conformance.litmus import Litmus
from mmu_gather_conformance.recorder import Recording, Run

if TYPE_CHECKING:
    from mmu_gather_conformance.judge import Finding

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


@record(frozen=True, slots=True)
class Outcome:
    """What became of one question."""

    #: in herd's words, about the forbidden outcome
    answer: str
    states: int
    #: how long each of them is, packed
    bits: int
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

    def search(rules: Sequence[Rule]) -> Result:
        return explore(build(litmus, prepared, rules, without=without), mode, most=most, tell=tell)

    rules, broken = rules_of(litmus), set[str | None]()
    first = result = search(rules)
    found: list[Witness] = []
    while result.broken:
        product = build(litmus, prepared, rules, explicit=True, without=without)
        found += [each for each in witnesses(product, result.broken, WITNESS_STATES) if each.rule not in broken]
        broken |= {rule for rule, _ in result.broken}
        rest = [rule for rule in rules if rule.id not in broken]
        if not rest or rest == rules:
            break
        rules, result = rest, search(rest)  # what has broken may hide what others would have
    answer = "Never"
    if litmus.forbidden in broken:
        alone = first if first.clean else search([RULES[litmus.forbidden]])
        elsewise = alone.clean or not alone.complete or any(rule is None for rule, _ in alone.broken)
        answer = "Sometimes" if elsewise else "Always"
    return Outcome(answer, first.states, first.bits, first.moves, first.complete, tuple(found))


def build(
    litmus: Litmus,
    prepared: Prepared,
    rules: Sequence[Rule] = (),
    /,
    *,
    explicit: bool = False,
    without: frozenset[str] = frozenset(),
) -> Product:
    """The product of a prepared litmus, with the rules in it that apply on its machine.

    rules: those to carry; none for all that it asks about.  explicit: every IPI is answered by a step of its own.
    Errors: lift.Untestable for a rule that cannot be carried.
    """
    carried = [rule for rule in rules or rules_of(litmus) if rule.applies(prepared.world.boot)]
    try:
        return Product(prepared.members, prepared.world, carried, explicit=explicit, without=without)
    except TooManyStates as error:
        raise Untestable(str(error)) from error


def judged(witness: Witness, era: str, /) -> Finding | None:
    """What the judge finds in a witness: the same rule, or the suite is at fault."""
    from mmu_gather_conformance.judge import judge  # noqa: PLC0415 - most questions have no witness

    rule = RULES[witness.rule or DEADLOCK]
    found = judge([Run((), 0, witness.trace)], [rule], era)[rule.id]
    return found.violation or found.known
