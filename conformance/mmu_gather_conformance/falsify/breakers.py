# SPDX-License-Identifier: GPL-2.0-only
"""What breaks each rule: something for every MUST, small, with the case in which it shows.

A port's rule is broken by a mutant.  What a caller or a walker owes is broken by a caller's program, or by a walker,
that does not do it; the port beside it is the reference.  Three rules the era's own code breaks, as errata say, in the
only way in which they can be broken.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from enum import Enum
from functools import cache
from typing import Final

from mmu_gather_spec.eras import DEFAULT_ERA, between
from mmu_gather_spec.record import record
from mmu_gather_spec.rule import Level, Rule
from mmu_gather_spec.rules import RULES

from mmu_gather_conformance import mutants
from mmu_gather_conformance.cases import ARCH_NAMES
from mmu_gather_conformance.ports import names_in
from mmu_gather_conformance.scenarios import SCENARIOS


class Kind(Enum):
    """Whose fault it is."""

    MUTANT = "mutant"
    CALLER = "caller"
    WALKER = "walker"
    #: the era's own code, as an erratum says
    AS_WRITTEN = "as written"
    #: it is refused before it runs
    LINK = "link"


@record(frozen=True, slots=True)
class Breaker:
    """One thing that is wrong, the rule that says so, and a case in which it does."""

    kind: Kind
    #: what is run: a port by its name
    port: str
    #: the case's id
    case: str
    #: the rule's id
    rule: str
    #: functions that a port lacks
    absent: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The mutant; or the scenario or litmus in which somebody else is at fault."""
        return self.port.partition(":")[2] if self.kind is Kind.MUTANT else self.case.partition("/")[0]


#: Walkers that leave out what the port relies on; where one can do harm differs, so these are chosen.
WALKERS: Final = (
    Breaker(Kind.WALKER, "ref", "rcu-reader/hash64", "walk.fallback-is-no-grace-period"),
    Breaker(Kind.WALKER, "ref", "pointer-from-before/hash64", "walk.irqs-off-and-fresh"),
    Breaker(Kind.WALKER, "ref", "pin-outright/hash64", "walk.speculative-reference"),
)
#: What the era's own code does: no port can break these rules otherwise.
AS_WRITTEN: Final = (
    Breaker(Kind.AS_WRITTEN, "ref", "aio-nobody-walks/hash64", "walk.nobody-below-two-users"),
    Breaker(Kind.AS_WRITTEN, "ref", "builds/hash64", "configuration.selected-where-used"),
    Breaker(Kind.AS_WRITTEN, "ref", "one-table/hardware-walker", "order.shortcut-after-invalidation"),
)


def of_mutant(name: str, /) -> Breaker:
    """What a mutant's module says of it."""
    module = importlib.import_module(f"{mutants.__name__}.{name}")
    absent: tuple[str, ...] = getattr(module, "ABSENT", ())
    return Breaker(Kind.LINK if absent else Kind.MUTANT, f"mutant:{name}", module.SHOWS_IN, module.BREAKS, absent)


@cache
def breakers() -> tuple[Breaker, ...]:
    """All of them: mutants first, in the order of their names."""
    return (*map(of_mutant, names_in(mutants)), *_callers(), *WALKERS, *AS_WRITTEN)


def _callers() -> Iterator[Breaker]:
    for scenario in SCENARIOS.values():
        if scenario.misuse is not None:
            arch = (scenario.archs or ARCH_NAMES)[0]
            port = "ref" if between(DEFAULT_ERA, scenario.since, scenario.until) else f"ref:{scenario.since}"
            yield Breaker(Kind.CALLER, port, f"{scenario.name}/{arch}", scenario.misuse)


def musts() -> tuple[Rule, ...]:
    """The rules that something has to break."""
    return tuple(rule for rule in RULES.values() if rule.level is Level.MUST)
