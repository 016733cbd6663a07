# SPDX-License-Identifier: GPL-2.0-only
"""The plain search is itself compared: with one that packs nothing, slices nothing and composes nothing.

Here variables lie in a mapping, agents stand at nodes of their automata, and each rule's monitor is stepped
over whole events.  It is slow, short, and shares with the search only the automata and the table of effects.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, NamedTuple

import hypothesis
import pytest
from hypothesis import strategies as st
from mmu_gather_conformance import asking, hosts, ports
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.interleave.automaton import ENDED, Action
from mmu_gather_conformance.interleave.effects import HALTED, USERS, Effect, Variable
from mmu_gather_conformance.interleave.explore import PLAIN, REDUCED, explore
from mmu_gather_conformance.interleave.lift import Untestable
from mmu_gather_conformance.interleave.product import Product
from mmu_gather_conformance.interleaving import prepare
from mmu_gather_conformance.litmus import Litmus
from mmu_gather_conformance.litmus_strategies import archs, litmuses
from mmu_gather_conformance.litmuses import LITMUSES
from mmu_gather_conformance.recorder import Recording
from mmu_gather_spec.rule import Rule, Violation
from mmu_gather_spec.rules import RULES

EXAMPLES: Final = 50
MOST_STATES: Final = 600
PORTS: Final = (
    "ref",
    "ref:rfc-2010-base",
    "mutant:waits_with_irqs_off",
    "mutant:wrong_rcu_flavour",
    "mutant:no_ipi_on_fallback",
    "mutant:shortcut_below_three_users",
    "mutant:table_freed_twice",
    "mutant:last_table_forgotten",
)
#: All of them at once: what ends an interleaving for one rule ends it for the others.
ASKED: Final = (
    "walk.never-a-freed-table",
    "walk.fallback-is-no-grace-period",
    "walk.nobody-below-two-users",
    "walk.hardware-never-a-freed-table",
    "walk.no-access-to-a-freed-page",
    "separation.sched-flavour",
    "order.unhooked-before-given",
    "order.nothing-stale-after-finish",
    "batch.freed-exactly-once",
    "progress.eventually-freed",
    "progress.every-allocation-failing",
)


class State(NamedTuple):
    """Where everybody is, which variables are not as at first, how many users there are, and what monitors know."""

    places: tuple[int, ...]
    changed: frozenset[Variable]
    users: int
    monitors: tuple[Hashable, ...]


@dataclass
class Seen:
    """What was found."""

    broken: set[tuple[str | None, str]] = field(default_factory=set)
    clean: bool = False


class BruteForce:
    """Every state of a product, by its meaning and not by its bits."""

    def __init__(self, product: Product, rules: list[Rule]) -> None:
        self.product = product
        self.rules = rules
        self._effects: dict[tuple[int, Action], Effect] = {}

    def first(self) -> State:
        """Everybody at the beginning."""
        places = tuple(ENDED if agent.caller else agent.automaton.start for agent in self.product.agents)
        boot = self.product.world.boot
        return State(places, frozenset(), self.product.world.users, tuple(r.monitor.initial(boot) for r in self.rules))

    def value(self, state: State, variable: Variable) -> int:
        """A variable's value; only mm_users is more than a bit."""
        if variable == USERS:
            return state.users
        return int(self.product._at_first(variable) != (variable in state.changed))

    def visit(self) -> Seen:
        """Visit them all."""
        seen, known = Seen(), {self.first()}
        waiting = list(known)
        while waiting:
            state = waiting.pop()
            stuck = True
            for index, action, to in self.open(state):
                stuck = False
                after = self.after(state, index, action, to, seen)
                if after is not None and after not in known:
                    known.add(after)
                    waiting.append(after)
            if stuck:
                self.finish(state, seen)
        return seen

    def effect(self, index: int, action: Action) -> Effect:
        """What an action of an agent does, looked up once."""
        if (index, action) not in self._effects:
            self._effects[index, action] = self.product._effect(self.product.agents[index], action)
        return self._effects[index, action]

    def open(self, state: State) -> Iterator[tuple[int, Action, int]]:
        """What may happen next."""
        for index, agent in enumerate(self.product.agents):
            for edge in agent.automaton.nodes[state.places[index]]:
                effect = self.effect(index, edge.action)
                if all(self.value(state, variable) == wanted for variable, wanted in effect.guard):
                    yield index, edge.action, edge.to

    def after(self, state: State, index: int, action: Action, to: int, seen: Seen) -> State | None:
        """The state behind an action; None where a rule breaks."""
        agent = self.product.agents[index]
        effect = self.effect(index, action)
        values = dict(effect.sets) | {copy: self.value(state, source) for source, copy in effect.copies}
        changed = {variable for variable in state.changed if variable not in values}
        changed |= {variable for variable, new in values.items() if bool(new) != self.product._at_first(variable)}
        places = list(state.places)
        places[index] = to
        for called, root in self.product._calls(agent, action):
            places[called] = root
        monitors = self.told(state, getattr(action, "event", None), seen)
        if monitors is None:
            return None
        return State(tuple(places), frozenset(changed), state.users + effect.users, monitors)

    def told(self, state: State, event: Any, seen: Seen) -> tuple[Hashable, ...] | None:
        """What the monitors know when they have seen an event; None where one of them objects."""
        after = [
            rule.monitor.step(known, event) if type(event) in rule.monitor.reads else known
            for rule, known in zip(self.rules, state.monitors, strict=True)
        ]
        broken = {
            (rule.id, found.erratum or "")
            for rule, found in zip(self.rules, after, strict=True)
            if isinstance(found, Violation)
        }
        seen.broken |= broken
        return None if broken else tuple(after)

    def finish(self, state: State, seen: Seen) -> None:
        """Nobody can go on."""
        if self.value(state, HALTED):
            seen.clean = True
        elif any(state.places):
            seen.broken.add((None, ""))
        elif self.told(state, self.product.quiescent, seen) is not None:
            seen.clean = True


@cache
def recording(port: str, case: Case) -> Recording:
    """What a port does, recorded once for all tests."""
    found, _ = hosts.InProcess(ports.open_port(port)).record(case)
    assert isinstance(found, Recording), found
    return found


@pytest.mark.parametrize("shard", range(4))
def test_the_plain_search_finds_what_brute_force_finds(shard: int) -> None:
    """The same rules broken, by the same errata, the same deadlocks, and a clean end in the same scenarios."""
    compared: list[bool] = []
    rules = [RULES[rule] for rule in ASKED]

    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
        suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large],
    )
    @hypothesis.seed(shard)
    @hypothesis.given(litmuses(), archs(), st.sampled_from(PORTS), st.booleans())
    def compare(litmus: Litmus, arch: str, port: str, explicit: bool) -> None:
        if arch not in ports.open_port(port).archs:
            arch = "hash64"
        try:
            prepared = prepare(litmus, arch, lambda case: recording(port, case))
            product = asking.build(litmus, prepared, rules, explicit=explicit)
        except Untestable:
            return
        plain = explore(product, PLAIN, most=MOST_STATES)
        if plain.complete:
            found = BruteForce(product, rules).visit()
            assert (set(plain.broken), plain.clean) == (found.broken, found.clean)
            compared.append(bool(found.broken))

    compare()
    assert len(compared) > EXAMPLES // 6
    assert any(compared)


#: Litmus tests with somebody in them whom the random ones leave out.
NAMED: Final = (
    "lock-taken",
    "taken-back",
    "taken-back-flushed",
    "taken-for-clean",
    "taken-for-clean-and-is",
)


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("explicit", [False, True])
def test_both_searches_find_what_brute_force_finds_where_a_page_is_looked_for_or_a_lock_is_taken(
    name: str, explicit: bool
) -> None:
    """On each arch of the era: the plain search and the reduced one, which may leave interleavings out."""
    litmus = LITMUSES[name]
    rules, broken = asking.rules_of(litmus), set()
    for arch in ports.open_port("ref").archs:
        prepared = prepare(litmus, arch, lambda case: recording("ref", case))
        product = asking.build(litmus, prepared, rules, explicit=explicit)
        found = BruteForce(product, [rule for rule in rules if rule.applies(prepared.world.boot)]).visit()
        for mode in (PLAIN, REDUCED):
            result = explore(product, mode)
            assert (set(result.broken), result.clean) == (found.broken, found.clean), (arch, mode)
        broken |= found.broken
    assert bool(broken) == (not name.endswith(("-flushed", "-is")))
