# SPDX-License-Identifier: GPL-2.0-only
"""A schedule is all that there is to a witness: taken again, it makes the same trace."""

from __future__ import annotations

import pytest
from mmu_gather_conformance import asking, hosts, ports
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.interleave.product import Product
from mmu_gather_conformance.interleave.witness import Strayed, Witness, follow, witnesses
from mmu_gather_conformance.interleaving import prepare
from mmu_gather_conformance.litmus import Litmus, gather, runs
from mmu_gather_conformance.recorder import Recording
from mmu_gather_conformance.scenario import Table
from mmu_gather_spec import events as ev

LITMUS = Litmus(
    "loses", "", (gather(0, Table(count=2)), runs(1, "gup_fast", "a0")), "walk.never-a-freed-table", "", failing=True
)


def product(port: str) -> Product:
    """A litmus with this port in it, every IPI answered by a step of its own."""
    host = hosts.InProcess(ports.open_port(port))

    def record(case: Case) -> Recording:
        found, _ = host.record(case)
        assert isinstance(found, Recording)
        return found

    return asking.build(LITMUS, prepare(LITMUS, "hash64", record), explicit=True)


@pytest.mark.parametrize("mutant", ["last_table_forgotten", "no_ipi_on_fallback", "table_freed_twice"])
def test_a_schedule_taken_again_makes_the_witnesss_trace_and_breaks_it(mutant: str) -> None:
    """Twice, and in a product that was built anew."""
    found = witnesses(product(f"mutant:{mutant}"))
    assert found
    for witness in found:
        for _ in range(2):
            assert follow(product(f"mutant:{mutant}"), witness.schedule) == (witness.trace, True)


def loss() -> tuple[Product, Witness]:
    """A port that loses a table, and how."""
    lost = product("mutant:last_table_forgotten")
    return lost, next(each for each in witnesses(lost) if each.rule == "progress.eventually-freed")


def test_a_loss_is_seen_when_everything_is_quiet() -> None:
    """The last event is the one after which nothing comes."""
    assert isinstance(loss()[1].trace[-1], ev.Quiescent)


def test_a_witness_begins_with_the_facts_of_the_machine_and_names_everybody() -> None:
    """The trace is the judge's to read, without the product."""
    lost, witness = loss()
    assert witness.trace[0] == lost.world.boot
    assert {name for name, _ in witness.schedule} <= {agent.name for agent in lost.agents}


def test_half_a_schedule_breaks_nothing() -> None:
    """It is a beginning, and no violation yet."""
    lost, witness = loss()
    trace, broke = follow(lost, witness.schedule[:5])
    assert (trace, broke) == (witness.trace[: len(trace)], False)


def test_a_schedule_that_another_port_does_not_take_is_told_by_its_step() -> None:
    """Nobody of that name, or no such move there."""
    lost, witness = loss()
    with pytest.raises(Strayed, match="nobody does not take step 1"):
        follow(lost, (("nobody", 0),))
    with pytest.raises(Strayed, match="a does not take step 3"):
        follow(lost, (*witness.schedule[:2], ("a", 99)))


def test_a_right_port_may_take_the_same_steps_and_break_nothing() -> None:
    """It has more to do after them."""
    assert not follow(product("ref"), loss()[1].schedule)[1]
