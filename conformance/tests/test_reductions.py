# SPDX-License-Identifier: GPL-2.0-only
"""Every reduction is compared with the plain search, on litmus tests made up at random and then broken.

A right port beside right walkers breaks few rules, so each product is broken many times over: a move loses a guard, or
what it sets, clears, copies or shows to the rules, or leads elsewhere.  Whatever comes of it, the search that
leaves interleavings out must say what the search says that leaves out none.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

import hypothesis
import pytest
from hypothesis import strategies as st
from mmu_gather_conformance import asking, hosts, ports
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.interleave import symmetry
from mmu_gather_conformance.interleave.agents import Agent, Move
from mmu_gather_conformance.interleave.explore import MODES, PLAIN, Mode, explore
from mmu_gather_conformance.interleave.lift import Untestable
from mmu_gather_conformance.interleave.product import Product
from mmu_gather_conformance.interleave.search import Result
from mmu_gather_conformance.interleaving import prepare
from mmu_gather_conformance.litmus import Litmus, gather, runs
from mmu_gather_conformance.litmus_strategies import archs, litmuses
from mmu_gather_conformance.litmuses import sharing
from mmu_gather_conformance.recorder import Recording
from mmu_gather_conformance.scenario import Entry, Flush, Table

#: As many tests, so that two workers share them.
SHARDS: Final = 8
#: Litmus tests in each, and how often each is broken.
EXAMPLES: Final = 300
MUTATIONS: Final = 30
ONE_IN_FIVE: Final = 0.2
#: Scenarios that each shard compares at least: 5,000 in all.
LEAST: Final = 5000 // SHARDS
#: A product with more states is not looked at.
MOST_STATES: Final = 130
#: Ports whose recordings take part: the eras, both ways of waiting, and ports that are wrong.
PORTS: Final = (
    "ref",
    "ref:rfc-2010-base",
    "variant:grace_period_in_fallback",
    "variant:ipi_always",
    "mutant:waits_with_irqs_off",
    "mutant:wrong_rcu_flavour",
    "mutant:no_ipi_on_fallback",
    "mutant:fallback_not_waited_for",
    "mutant:table_freed_twice",
    "mutant:last_table_forgotten",
    "mutant:shortcut_below_three_users",
    "mutant:flush_does_not_invalidate",
)


@cache
def recording(port: str, case: Case) -> Recording:
    """What a port does, recorded once for all tests."""
    found, _ = hosts.InProcess(ports.open_port(port)).record(case)
    assert isinstance(found, Recording), found
    return found


def product_of(litmus: Litmus, arch: str, port: str = "ref", *, explicit: bool = False) -> Product:
    """The product of a litmus with a port in it."""
    prepared = prepare(litmus, arch, lambda case: recording(port, case))
    return asking.build(litmus, prepared, explicit=explicit)


# --- products that are broken on purpose ------------------------------------------------------


def moved(bits: int, shift: int) -> int:
    """Bits as a copy moves them."""
    return bits << shift if shift >= 0 else bits >> -shift


def copied(move: Move) -> int:
    """The bits that a move copies something to."""
    return sum(moved(bits, shift) for bits, shift in move.copies)


def without_guard(move: Move, places: int, dice: random.Random) -> Move:
    """It may always be taken."""
    return replace(move, guard=0, value=0)


def with_less_guard(move: Move, places: int, dice: random.Random) -> Move:
    """One bit of its guard is not looked at."""
    bits = [1 << at for at in range(move.guard.bit_length()) if move.guard >> at & 1]
    left = ~dice.choice(bits) if bits else -1
    return replace(move, guard=move.guard & left, value=move.value & left)


def without_clears(move: Move, places: int, dice: random.Random) -> Move:
    """What it clears stays."""
    return replace(move, keep=move.keep | ~(places | move.set | copied(move)))


def without_sets(move: Move, places: int, dice: random.Random) -> Move:
    """What it sets stays."""
    return replace(move, set=move.set & places, keep=move.keep | move.set & ~places)


def without_a_copy(move: Move, places: int, dice: random.Random) -> Move:
    """One wait is not begun."""
    if not move.copies:
        return move
    bits, shift = lost = dice.choice(move.copies)
    left = tuple(copy for copy in move.copies if copy is not lost)
    return replace(move, copies=left, keep=move.keep | moved(bits, shift))


def unseen(move: Move, places: int, dice: random.Random) -> Move:
    """No rule hears of it."""
    return replace(move, looks=(), events=())


CHANGES: Final[tuple[Callable[[Move, int, random.Random], Move], ...]] = (
    without_guard,
    with_less_guard,
    without_clears,
    without_sets,
    without_a_copy,
    unseen,
)


def changed(move: Move, node: int, places: int, dice: random.Random) -> Move:
    """The same move with something wrong, one of what can go wrong with it."""
    wrong = [change(move, places, dice) for change in CHANGES] + [replace(move, to=dice.randrange(node))]
    return dice.choice([other for other in wrong if other != move] or [move])


def broken(agents: Sequence[Agent], dice: random.Random) -> list[Agent]:
    """The same agents, some of their moves changed or lost."""
    places = sum(agent.mask << agent.offset for agent in agents)
    agents = [replace(agent, moves=list(agent.moves)) for agent in agents]
    for _ in range(dice.randint(1, 4)):
        agent = dice.choice([agent for agent in agents if any(agent.moves)])
        node = dice.choice([node for node, moves in enumerate(agent.moves) if moves])
        moves = list(agent.moves[node])
        at = dice.randrange(len(moves))
        if len(moves) > 1 and dice.random() < ONE_IN_FIVE:
            del moves[at]
        else:
            moves[at] = changed(moves[at], node, places, dice)
        agent.moves[node] = tuple(moves)
    return agents


# --- the comparison ---------------------------------------------------------------------------


def said(result: Result) -> tuple[str, bool, bool, bool]:
    """What every mode must say alike: the answer, a clean end, a deadlock, a broken rule."""
    rules = {rule for rule, _ in result.broken}
    return result.answer, result.clean, None in rules, bool(rules - {None})


def differing(product: Product) -> list[Mode]:
    """The modes that may differ from the plain search here: without like agents symmetry does nothing."""
    alike = bool(symmetry.classes(product))
    return [mode for mode in MODES[1:] if alike or not mode.symmetry]


def compare(product: Product, tally: Counter[str]) -> bool:
    """All modes on one product; False for one that is too large to be looked at."""
    plain = explore(product, PLAIN, most=MOST_STATES)
    if not plain.complete:
        return False
    tally["compared"] += 1
    tally["faulty"] += bool(plain.broken)
    tally["deadlocked"] += (None, "") in plain.broken
    tally["with a broken rule"] += said(plain)[-1]
    for mode in differing(product):
        tally["reduced by symmetry"] += mode.symmetry
        assert said(explore(product, mode)) == said(plain), mode
    return True


#: Chosen so that each sample holds deadlocks, broken rules and like agents; nothing else is known of them.
SEEDS: Final = (0, 1, 2, 3, 4, 21, 6, 7)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_every_mode_says_what_the_plain_search_says(shard: int) -> None:
    """On more than 5,000 scenarios, of which many are faulty, in every way."""
    tally: Counter[str] = Counter()

    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
        suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large],
    )
    @hypothesis.seed(SEEDS[shard])
    @hypothesis.given(litmuses(), archs(), st.sampled_from(PORTS), st.booleans(), st.integers(0, 1 << 30))
    def search(litmus: Litmus, arch: str, port: str, explicit: bool, dice: int) -> None:
        if tally["compared"] >= LEAST:
            return
        if arch not in ports.open_port(port).archs:
            arch = "hash64"
        try:
            product = product_of(litmus, arch, port, explicit=explicit)
        except Untestable:
            return
        agents = product.agents
        for mutation in range(MUTATIONS if compare(product, tally) else 0):
            product.agents = broken(agents, random.Random(dice + mutation))
            compare(product, tally)

    search()
    assert tally["compared"] >= LEAST, tally
    assert tally["faulty"] > tally["compared"] // 20, tally
    assert min(tally["deadlocked"], tally["with a broken rule"], tally["reduced by symmetry"]) > 0, tally


#: Ports whose address spaces share tables, right and wrong, and an arch on which they differ.
SHARING: Final = (
    ("ref:v6.12", "arm64"),
    ("mutant:unshared_flush_put_off", "arm64"),
    ("mutant:walk_cache_kept_of_unshared", "arm64"),
    ("mutant:last_sharer_not_waited_for", "x86"),
)


@pytest.mark.parametrize("litmus", sharing.LITMUSES, ids=lambda each: each.name)
def test_every_mode_says_of_shared_tables_what_the_plain_search_says(litmus: Litmus) -> None:
    """They are in no random litmus: the era of those shares none."""
    answers: set[str] = set()
    for port, arch in SHARING:
        product = product_of(litmus, arch, port)
        agents = product.agents
        for mutation in range(MUTATIONS):
            found = {said(explore(product, mode)) for mode in MODES}
            assert len(found) == 1, (port, mutation)
            answers.add(found.pop()[0])
            product.agents = broken(agents, random.Random(mutation))
    assert len(answers) > 1


def test_a_handler_that_will_be_called_again_is_feared_wherever_it_is() -> None:
    """It has flushed for the first IPI and not yet answered, and will flush for the second.

    Found with a walker that leaves IRQs off for good and a handler that answers all the same: whether it can flush a
    second time depends on whether the walker has begun.
    """
    litmus = Litmus(
        "called-again", "", (gather(0, Entry(), Flush(), Table(count=2)), runs(1, "aio", "a0", "a1")),
        "walk.irqs-off-and-fresh", "", users=3, failing=True, batch=3,
    )  # fmt: skip
    product = product_of(litmus, "ipi", "mutant:failure_remembered")
    agents = {agent.name: agent for agent in product.agents}
    (end,), (answer,) = agents["aio"].moves[1], agents["ipi a 1"].moves[1]
    agents["aio"].moves[1] = (replace(end, keep=-1),)
    agents["ipi a 1"].moves[1] = (replace(answer, guard=0, value=0),)
    assert {said(explore(product, mode)) for mode in MODES} == {("Sometimes", True, True, False)}
