# SPDX-License-Identifier: GPL-2.0-only
"""The product as integers: what takes bits, what does not, and who moves in a state; and slices of rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from mmu_gather_conformance.interleave import lift, loop
from mmu_gather_conformance.interleave.explore import PLAIN, explore
from mmu_gather_conformance.interleave.players import Member, World
from mmu_gather_conformance.interleave.product import Product
from mmu_gather_conformance.interleave.slices import commute, compose, slices
from mmu_gather_reference.machine import gup, task
from mmu_gather_spec import events as ev
from mmu_gather_spec.rules import RULES

T: Final = 0x100000
BOOT: Final = ev.Booted(0, "a", "hash64", "rfc-2010", True, 64, 4096, True, False, 3, 15, frozenset(), 0)


def unlinks(*then: ev.AnyEvent) -> lift.Program:
    """A task that unhooks a table, and goes on."""
    yield (ev.Unlink(0, "a", T, 0),)
    for event in then:
        yield (event,)


def product(
    *members: tuple[str, int, Callable[[], lift.Program]], users: int = 2, rules: tuple[str, ...] = ()
) -> Product:
    """These programs on these CPUs."""
    parts = [Member(name, cpu, lift.program(make), name.partition(".")[0]) for name, cpu, make in members]
    return Product(parts, World(BOOT, hashed=True, users=users), [RULES[rule] for rule in rules])


def walker(name: str, cpu: int) -> tuple[str, int, Callable[[], lift.Program]]:
    """A walker of the table."""
    return name, cpu, lambda: gup.get_user_pages_fast(cpu, name, [T])


def test_what_nobody_changes_takes_no_bits() -> None:
    """No one unhooks the table: it is there, and the branch for an empty entry is gone."""
    alone = product(walker("w", 1))
    assert (alone._bits, alone.width) == ({}, 3)
    assert sorted(len(moves) for moves in alone.agents[0].moves) == [0, 1, 1, 1, 1, 1]


def test_what_nobody_reads_takes_no_bits() -> None:
    """Somebody unhooks a table that nobody looks for, and a user comes that nobody counts."""
    assert product(("a", 0, unlinks), ("c", 1, lambda: task.clone(1, "c")))._bits == {}


def test_what_is_written_and_read_is_one_bit() -> None:
    """A table that is unhooked while a walker looks."""
    both = product(("a", 0, unlinks), walker("w", 1))
    assert list(both._bits) == [("linked", T)]
    assert both.initial & 1 == 1


def test_words_of_like_agents_are_laid_out_alike() -> None:
    """So that two walkers can be exchanged by sorting."""
    one, two = product(("a", 0, unlinks), walker("w", 1), walker("w.2", 2)).agents[1:]
    assert (one.offset - one.word[0], one.mask, one.word[1]) == (two.offset - two.word[0], two.mask, two.word[1])
    assert one.word[0] + one.word[1] <= two.word[0]


def test_irqs_and_preemption_are_one_region_where_they_are_never_apart() -> None:
    """A walker with IRQs off has preemption off by the same bit."""
    walks = product(walker("w", 1))
    assert walks._alias[("quiet", "w")] == ("irqs off", "w")


def test_more_users_than_there_are_cannot_leave() -> None:
    """It would be a scenario without a meaning."""
    with pytest.raises(ValueError, match="of 0 users 1 may leave"):
        product(("x", 0, lambda: task.exit_mm(0, "x")), users=0)
    assert explore(product(("x", 0, lambda: task.clone_and_exit(0, "x")), users=0), PLAIN).answer == "Never"


# --- slices -------------------------------------------------------------------------------------

UNLINK: Final = ev.Unlink(0, "a", T, 0)
GIVEN: Final = ev.Enter(0, "a", "tlb_remove_table", ("tlb", T))
FREED: Final = ev.KmemCacheFree(0, "a", 0, T)


def test_a_slice_has_as_many_states_as_events_tell_apart() -> None:
    """Not there, to be freed, and freed: what the monitor remembers besides is folded away."""
    (each,) = slices([RULES["batch.freed-exactly-once"]], BOOT, [UNLINK, FREED])
    assert each.broken == 3
    assert FREED in each.steps


def test_two_frees_of_one_table_commute_and_break_in_any_order() -> None:
    """Each alone is right; together they are wrong, whichever comes first."""
    again = ev.KmemCacheFree(1, "softirq", 0, T)
    (each,) = slices([RULES["batch.freed-exactly-once"]], BOOT, [UNLINK, FREED, again])
    one, other = each.steps[FREED], each.steps[again]
    assert commute(one, other)
    assert compose(each.steps[UNLINK], compose(one, other))[0] == each.broken


def test_a_read_and_a_free_do_not_commute() -> None:
    """Before it is right, behind it is wrong."""
    load = ev.WalkLoad(1, "w", T, True)
    (each,) = slices([RULES["walk.never-a-freed-table"]], BOOT, [GIVEN, FREED, load])
    assert not commute(each.steps[FREED], each.steps[load])


def test_a_rule_that_nothing_can_break_is_not_carried() -> None:
    """It takes no bits and no time."""
    assert list(slices([RULES["walk.never-a-freed-table"]], BOOT, [GIVEN, FREED])) == []


# --- the inner loop -----------------------------------------------------------------------------


def hand_made() -> tuple[loop.Core, list[int]]:
    """Three agents with two places each: one sets a bit, one waits for it, one has nothing to do with either."""
    core = loop.Core(0b0_1_1_1)
    steps = [(0, 0, 0b1000, 0), (0b1000, 0b1000, 0, 0), (0, 0, 0, 0)]
    for index, (guard, value, sets, add) in enumerate(steps):
        actor = loop.Actor(index, 1, 0, -1, b"")
        node = loop.Node()
        node.steps = [loop.Step(guard, value, ~(1 << index), sets, add)]
        actor.nodes = [loop.Node(), node]
        core.actors.append(actor)
    (waits,) = core.actors[1].nodes[1].steps
    writer = loop.Writers(0b1000, 0b1000)
    writer.who, writer.at = [0], [bytes([0, 1])]
    waits.writers = [writer]
    return core, [1, 1, 1]


def stubborn(core: loop.Core, state: int, at: list[int]) -> list[int]:
    """Who moves in a state."""
    can = [loop.enabled(actor.nodes[node], state) for actor, node in zip(core.actors, at, strict=True)]
    return loop.stubborn(core, state, at, can, [index for index, steps in enumerate(can) if steps])


def test_one_agent_that_nobody_has_to_do_with_moves_alone() -> None:
    """The first that will do."""
    assert stubborn(*with_state(hand_made())) == [0]


def with_state(made: tuple[loop.Core, list[int]]) -> tuple[loop.Core, int, list[int]]:
    """At the beginning."""
    core, at = made
    return core, core.initial, at


def test_who_is_feared_moves_along() -> None:
    """The third fears the first, and the first the third: only both will do."""
    core, at = hand_made()
    for index, other in ((0, 2), (2, 0)):
        core.actors[index].nodes[1].fears = [loop.Fear(other, bytes([0, 1]), bytes([0, 1]), [0, 0])]
    assert sorted(stubborn(core, core.initial, at)) == [0, 2]


def test_who_waits_takes_in_who_may_let_it() -> None:
    """The third fears the second, which cannot move before the first."""
    core, at = hand_made()
    core.actors[0].nodes[1].fears = [loop.Fear(2, bytes([0, 1]), bytes([0, 1]), [0, 0])]
    core.actors[2].nodes[1].fears = [loop.Fear(1, bytes([0, 1]), bytes([0, 1]), [0, 0])]
    assert sorted(stubborn(core, core.initial, at)) == [0, 2]


def test_who_is_inside_a_region_need_not_fear_what_waits_for_it() -> None:
    """While its bit is set the other cannot come to what it fears; asked anew or not is told by the mask."""
    core, at = hand_made()
    core.actors[0].regions = 0b10000
    core.actors[0].nodes[1].fears = [loop.Fear(2, bytes([0, 1]), bytes([0, 0]), [0, 0b100000])]
    core.actors[2].nodes[1].fears = [loop.Fear(0, bytes([0, 1]), bytes([0, 1]), [0, 0])]
    outside, inside, asked = core.initial, core.initial | 0b10000, core.initial | 0b110000
    assert [sorted(stubborn(core, state, at)) for state in (outside, inside, asked)] == [[0, 2], [0, 2], [0]]


def test_a_step_keeps_sets_copies_and_looks() -> None:
    """In this order; and below zero where a rule breaks."""
    step = loop.Step(0, 0, ~0b11, 0b1, 0)
    step.copies = [loop.Copy(0b100, 1, 0)]
    assert loop.after(0b0110, step) == 0b1101
    step.looks = [loop.Look(5, 4, 0b1, [1 << 4, -1])]
    assert loop.after(0b00110, step) == 0b11101
    assert loop.after(0b10110, step) == -6


def test_words_are_sorted() -> None:
    """Two states that differ by an exchange are one."""
    core = loop.Core(0)
    core.starts, core.fields = [[0, 2, 4]], [0b11]
    assert {core.in_order(state) for state in (0b01_10_11, 0b11_10_01, 0b10_01_11)} == {0b11_10_01}
