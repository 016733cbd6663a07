# SPDX-License-Identifier: GPL-2.0-only
"""The laws that keep interleaving sound, one by one: each is taken away, and some verdict turns.

`test_recording` and its neighbours hold those of recording, and `test_guards` that no guard of the machine is
decoration.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from mmu_gather_conformance import asking, build, hosts, ports
from mmu_gather_conformance.asking import Outcome, ask
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.interleave import movers, stubborn
from mmu_gather_conformance.interleave.effects import Machine
from mmu_gather_conformance.interleave.explore import MODES, PLAIN, REDUCED, explore
from mmu_gather_conformance.interleave.lift import Untestable
from mmu_gather_conformance.interleave.slices import TooManyStates
from mmu_gather_conformance.interleaving import prepare
from mmu_gather_conformance.litmus import Litmus, gather, runs
from mmu_gather_conformance.recorder import Recording
from mmu_gather_conformance.scenario import Entry, Page, Table
from mmu_gather_spec.kernel import BUG_ON, local_irq_disable
from mmu_gather_spec.words import pgf_p

WALKED: Final = "walk.never-a-freed-table"


def recorder(port: ports.Port) -> Callable[[Case], Recording]:
    """Has a port recorded in this process."""
    host = hosts.InProcess(port)

    def record(case: Case) -> Recording:
        found, _ = host.record(case)
        assert isinstance(found, Recording), found
        return found

    return record


def asked(litmus: Litmus, port: str = "ref", arch: str = "hash64", *without: str) -> Outcome:
    """What a port answers."""
    return ask(litmus, arch, recorder(ports.open_port(port)), without=frozenset(without))


def with_functions(**functions: Callable[..., object]) -> Callable[[Case], Recording]:
    """The reference with some functions replaced."""
    return recorder(ports.reference("rfc-2010", "with functions", dict(functions)))


def found(outcome: Outcome) -> set[str | None]:
    """The rules that are broken in some interleaving; None for a deadlock."""
    return {witness.rule for witness in outcome.witnesses}


def walked(tables: int = 1, program: str = "gup_fast", forbidden: str = WALKED, **how: Any) -> Litmus:
    """One gather, and one walker of all its tables."""
    names = [f"a{at}" for at in range(tables)]
    return Litmus("walked", "", (gather(0, Table(count=tables)), runs(1, program, *names)), forbidden, "", **how)


# --- law 1: monitors are part of the state -----------------------------------------------------

CARELESS: Final = walked(2, "rcu_reader", "walk.fallback-is-no-grace-period", failing=True)


def test_steps_that_move_one_monitor_are_dependent(monkeypatch: pytest.MonkeyPatch) -> None:
    """If looks at one slice changed places at will, the reduced search would miss what the plain one finds."""
    product = asking.build(CARELESS, prepare(CARELESS, "hash64", recorder(ports.open_port("ref"))))
    assert [explore(product, mode).answer for mode in MODES] == ["Sometimes"] * 4
    monkeypatch.setattr(movers, "commute", lambda one, other: True)
    assert [explore(product, mode).answer for mode in (PLAIN, REDUCED)] == ["Sometimes", "Never"]


def test_what_a_rule_has_seen_tells_two_states_apart() -> None:
    """Two walkers in one place, before the free and after it: with the rule carried there are more states."""
    prepared = prepare(CARELESS, "hash64", recorder(ports.open_port("ref")))
    product = asking.build(CARELESS, prepared)
    with_rules = explore(product, PLAIN)
    for agent in product.agents:
        agent.moves = [tuple(replace(move, looks=(), events=()) for move in moves) for moves in agent.moves]
    without = explore(product, PLAIN)
    assert (with_rules.answer, without.answer) == ("Sometimes", "Never")


def test_a_violation_hides_no_other_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each interleaving breaks the rule about the flavour first, and only some of them would go on to a walker's."""
    monkeypatch.setattr(asking, "ALWAYS_ASKED", ("separation.sched-flavour",))
    outcome = asked(walked(), "mutant:wrong_rcu_flavour")
    assert (outcome.answer, found(outcome)) == ("Sometimes", {WALKED, "separation.sched-flavour"})
    product = asking.build(walked(), prepare(walked(), "hash64", recorder(ports.open_port("mutant:wrong_rcu_flavour"))))
    together = explore(product, PLAIN)
    assert (together.answer, {rule for rule, _ in together.broken}) == ("Always", {"separation.sched-flavour"})


# --- law 4: callbacks and handlers are agents --------------------------------------------------


def test_a_callback_runs_when_the_gather_has_gone_on() -> None:
    """Each call_rcu starts an agent of its own, and each IPI one for each CPU where its handler does something."""
    prepared = prepare(walked(2, batch=1), "nohash", recorder(ports.open_port("ref")))
    product = asking.build(walked(2, batch=1), prepared)
    called = {agent.name: agent.caller for agent in product.agents if agent.caller}
    assert called == {"rcu a 0": ("a", 0), "rcu a 1": ("a", 1), "ipi a 1": ("a", 1), "ipi a 2": ("a", 2)}
    callback = product.agents[[agent.name for agent in product.agents].index("rcu a 0")]
    assert {event.agent for moves in callback.moves for move in moves for event in move.events} == {"softirq"}


def test_the_steps_of_a_callback_are_not_the_gathers() -> None:
    """What softirq does is nowhere in the automaton of the task."""
    prepared = prepare(walked(2), "hash64", recorder(ports.open_port("ref")))
    events = [getattr(action, "event", None) for action in prepared.members[0].automaton.actions()]
    assert {event.agent for event in events if event is not None} == {"a"}


# --- law 5: closure ----------------------------------------------------------------------------


def test_a_recording_that_is_not_closed_is_not_searched() -> None:
    """An answer that was not taken is an interleaving that was not seen."""
    record = recorder(ports.open_port("ref"))
    with pytest.raises(Untestable, match="not every pattern of answers was recorded"):
        ask(walked(), "hash64", lambda case: replace(record(case), closed=False))


# --- law 6: no hidden sharing ------------------------------------------------------------------

TWO: Final = Litmus(
    "two", "", (gather(0, Table()), gather(1, Table(), name="b"), runs(2, "gup_fast", "a0")), WALKED, ""
)


@pytest.mark.parametrize("mutant", ["batch_shared_by_gathers", "batch_per_cpu"])
def test_gathers_that_share_are_not_interleaved(mutant: str) -> None:
    """Recorded one by one they are not what they would be together; alone such a port is searched all the same."""
    with pytest.raises(Untestable, match="what another gather does changes what this one does"):
        asked(TWO, f"mutant:{mutant}")
    assert asked(walked(), f"mutant:{mutant}").answer == "Never"


# --- law 7: a grace period ends as soon as it may ----------------------------------------------


@pytest.mark.parametrize(("program", "answer"), [("gup_fast", "Never"), ("rcu_reader", "Sometimes")])
def test_a_grace_period_waits_for_walkers_with_irqs_off_and_for_no_others(program: str, answer: str) -> None:
    """No sooner than its guarantee allows, and no later than an adversary wishes."""
    forbidden = {"gup_fast": WALKED, "rcu_reader": "walk.fallback-is-no-grace-period"}[program]
    assert asked(walked(1, program, forbidden)).answer == answer


def test_a_grace_period_waits_for_preemption_that_is_off() -> None:
    """A walker that has IRQs on and preemption off is waited for by the sched flavour; an IPI does not wait for it."""
    rule = "walk.fallback-is-no-grace-period"
    assert asked(walked(1, "sched_reader", rule)).answer == "Never"
    assert asked(walked(1, "sched_reader", rule, failing=True)).answer == "Sometimes"


def test_without_its_guarantee_a_grace_period_protects_nobody() -> None:
    """The guard taken away, the walker reads a table that was freed."""
    assert asked(walked(), "ref", "hash64", "grace-period").answer == "Sometimes"


def test_the_gathers_own_regions_hold_a_grace_period_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """It submits with IRQs off in this port: its callback may not run before they are on again."""
    prepared = prepare(walked(), "hash64", recorder(ports.open_port("mutant:waits_with_irqs_off")))
    product = asking.build(walked(), prepared)
    waits = [variable for variable in product._bits if variable[0] == "grace"]
    assert {variable[-1] for variable in waits} >= {"gup_fast"}
    monkeypatch.setattr(Machine, "_open_regions", lambda self, agent, slot, flavour: ())
    assert asked(walked()).answer == "Sometimes"


# --- law 8: answers from finite domains ---------------------------------------------------------


@pytest.mark.parametrize(("users", "answer"), [(0, "Sometimes"), (1, "Sometimes"), (2, "Never"), (3, "Never")])
def test_every_count_of_users_is_answered_as_it_is(users: int, answer: str) -> None:
    """A kernel thread walks an mm with so many users: below two tables are freed at once."""
    assert asked(walked(1, "aio", users=users)).answer == answer


def test_mm_users_is_read_when_it_is_read() -> None:
    """It falls below two while somebody still walks who was counted: only the guard on the answer forbids it."""
    assert asked(walked(1, users=2)).answer == "Never"
    assert asked(walked(1, users=3), "mutant:shortcut_below_three_users").answer == "Never"
    assert asked(walked(1, users=2), "mutant:shortcut_below_three_users").answer != "Never"


# --- law 9: BUG ends its agent -----------------------------------------------------------------


def bugs(table: pgf_p, /) -> None:
    """A freer that dies."""
    BUG_ON(True, "in the freer")


def bugs_with_irqs_off(tlb: object, table: pgf_p, /) -> None:
    """A gather that dies where no interrupt arrives any more."""
    local_irq_disable()
    BUG_ON(True, "with IRQs off")


def dies(tlb: object, table: pgf_p, /) -> None:
    """A gather that dies in the middle."""
    BUG_ON(True, "in the gather")


def test_a_gather_that_bugs_ends_and_the_others_go_on() -> None:
    """No leak is blamed on it, nobody waits for it, and the walker reads a table that is still there."""
    outcome = ask(walked(), "hash64", with_functions(tlb_remove_table=dies))
    assert (outcome.answer, found(outcome)) == ("Never", set())


def test_bug_with_irqs_off_or_in_softirq_is_the_end_of_all() -> None:
    """What would be a deadlock, or a loss, is neither: nothing comes after it."""
    for functions in ({"tlb_remove_table": bugs_with_irqs_off}, {"__tlb_remove_table": bugs}):
        record = with_functions(**functions)
        outcome = ask(walked(), "hash64", record)
        assert (outcome.answer, found(outcome)) == ("Never", set())
        product = asking.build(walked(), prepare(walked(), "hash64", record))
        assert product.halted
        assert [explore(product, mode).clean for mode in MODES] == [True] * 4


# --- law 12: the search searches the port -------------------------------------------------------


def test_a_wrong_library_alone_turns_never_into_sometimes(tmp_path: Path) -> None:
    """The same litmus, the same machine, the same walkers; only the port's binary is another."""
    litmus = walked(failing=True)
    answers = []
    for name in ("rfc_2010", "wrong_no_ipi"):
        library = build.shared_library(build.C_PORTS / f"{name}.c", tmp_path / f"{name}.so")
        answers.append(asked(litmus, f"so:{library}").answer)
    assert answers == ["Never", "Sometimes"]


@pytest.mark.parametrize(
    ("mutant", "arch", "litmus", "broken"),
    [
        ("no_ipi_on_fallback", "hash64", walked(failing=True), WALKED),
        ("fallback_not_waited_for", "hash64", walked(failing=True), WALKED),
        ("shortcut_below_three_users", "hash64", walked(), WALKED),
        ("wrong_rcu_flavour", "hash64", walked(), WALKED),
        ("table_freed_twice", "hash64", walked(2), "batch.freed-exactly-once"),
        ("last_table_forgotten", "hash64", walked(2), "progress.eventually-freed"),
        ("table_lost_without_memory", "hash64", walked(failing=True), "progress.every-allocation-failing"),
        ("control_does_not_wait", "ipi", walked(), WALKED),
    ],
)
def test_a_wrong_port_alone_turns_never_into_something_else(
    mutant: str, arch: str, litmus: Litmus, broken: str
) -> None:
    """Each mutant breaks what it is named after, where the reference never does."""
    assert broken not in found(asked(litmus, "ref", arch))
    assert broken in found(asked(litmus, f"mutant:{mutant}", arch))


# --- law 13: the reductions are compared --------------------------------------------------------


def test_a_reduction_that_forgets_what_others_may_do_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is feared: the walker moves alone, and reads before anybody has freed."""
    product = asking.build(CARELESS, prepare(CARELESS, "hash64", recorder(ports.open_port("ref"))))
    monkeypatch.setattr(stubborn.Preparation, "_fear", lambda *arguments: None)
    assert [explore(product, mode).answer for mode in (PLAIN, REDUCED)] == ["Sometimes", "Never"]


# --- deadlock and loss --------------------------------------------------------------------------


def test_two_gathers_that_wait_for_each_other_with_irqs_off_are_a_deadlock() -> None:
    """Neither CPU takes the interrupt that the other waits for; one gather alone comes to its end."""
    pair = Litmus("two", "", (gather(0, Table()), gather(1, Table(), name="b")), WALKED, "", failing=True)
    alone = Litmus("one", "", (gather(0, Table()),), WALKED, "", failing=True)
    assert None in found(asked(pair, "mutant:waits_with_irqs_off"))
    assert None not in found(asked(alone, "mutant:waits_with_irqs_off"))
    assert None not in found(asked(pair))


# --- what cannot be carried ---------------------------------------------------------------------


def test_a_rule_that_remembers_too_much_is_untestable_and_named() -> None:
    """It is no verdict, and the message says which rule and why."""
    litmus = Litmus(
        "pages", "", (gather(0, Page(), Entry(), Table(count=2)),), "batch.insertion-order", "", failing=True
    )
    with pytest.raises(Untestable, match=r"batch\.insertion-order remembers too much to be searched") as error:
        asked(litmus)
    assert isinstance(error.value.__cause__, TooManyStates)
