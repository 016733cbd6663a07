# SPDX-License-Identifier: GPL-2.0-only
"""What is known of a rule beyond what it says: where it applies, what is asked about it, and what breaks it.

Every page and table about rules, and `rules.json`, ask here, so that they cannot differ.  All of it is found in the
specification and in the suite.
"""

from __future__ import annotations

from machines import machines
from mmu_gather_conformance.falsify.breakers import Breaker, Kind, breakers
from mmu_gather_conformance.litmuses import LITMUSES
from mmu_gather_conformance.scenarios import SCENARIOS
from mmu_gather_spec.arch import ARCHS
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.rule import Rule


def archs(rule: Rule, /) -> tuple[str, ...]:
    """The architectures on which a rule binds somebody, on some machine, in some era that judges by it."""
    judging = (era for era in ERAS if rule.status_in(era).judges())
    there = {boot.arch for era in judging for boot in machines(era).values() if rule.applies(boot)}
    return tuple(arch for arch in ARCHS if arch in there)


def scenarios(rule: Rule, /) -> tuple[str, ...]:
    """The scenarios that are about a rule, or in which something that breaks it shows."""
    about = [name for name, each in SCENARIOS.items() if rule.id in (each.misuse, *each.only)]
    shown = [broken.case.partition("/")[0] for broken in broken_by(rule)]
    return tuple(dict.fromkeys(name for name in (*about, *shown) if name in SCENARIOS))


def litmuses(rule: Rule, /) -> tuple[str, ...]:
    """The litmus tests that ask about a rule."""
    return tuple(name for name, litmus in LITMUSES.items() if litmus.forbidden == rule.id)


def broken_by(rule: Rule, /) -> tuple[Breaker, ...]:
    """What breaks a rule: something for every MUST."""
    return tuple(each for each in breakers() if each.rule == rule.id)


def mutants(rule: Rule, /) -> tuple[str, ...]:
    """The mutants among them, by name."""
    return tuple(each.port for each in broken_by(rule) if each.kind in (Kind.MUTANT, Kind.LINK))
