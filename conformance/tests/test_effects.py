# SPDX-License-Identifier: GPL-2.0-only
"""What each event means to the machine, line by line: when it may happen, and what it changes."""

from __future__ import annotations

import pytest
from mmu_gather_conformance.interleave.automaton import Act, Await, Send, Submit, Synchronize, Synchronized
from mmu_gather_conformance.interleave.effects import GUARDS, HALTED, MAPPING, USERS, Effect, Machine
from mmu_gather_conformance.interleave.players import Player
from mmu_gather_spec import events as ev

T, P = 0x100000, 0x20000000
SCHED = ev.CallRcu(0, "a", 0x40000000, "sched", ())
ONE, OTHER = frozenset({1}), frozenset({2})


def machine(*without: str, hashed: bool = False) -> Machine:
    """A gather, a walker with IRQs off on CPU 1, a reader on CPU 2; the gather interrupts, CPU 2 has a handler."""
    players = [
        Player("a", 0, frozenset({0}), quiet=True),
        Player("w", 1, frozenset({1}), irqs=True, quiet=True),
        Player("r", 2, frozenset({2}), reads=True),
    ]
    return Machine(
        players, hashed, frozenset({T}), {P: 0x1000}, {"a": frozenset({P})}, waits=[("a", 0), ("a", -1)],
        senders={"a": frozenset({2})}, targets={"a": frozenset({1, 2})}, without=frozenset(without),
    )  # fmt: skip


LINKED, PRESENT, HASH = ("linked", T), ("present", P), ("hash", P)
ALONE = ("alone", T)
CACHED, TLB, RMAP = ("walk cache", 1, T), ("tlb", 1, P), ("rmap", P)


@pytest.mark.parametrize(
    ("event", "effect"),
    [
        (ev.Unlink(0, "a", T, 0), Effect(sets=((LINKED, 0),))),
        (
            ev.UnsharePmd(0, "a", T, 1, (0x1000, 0x2000), ONE, ONE, 1),
            Effect(sets=((LINKED, 0), (MAPPING, 1))),
        ),
        (ev.ShareCount(0, "a", T, 0), Effect(sets=((ALONE, 1),))),
        (ev.ShareCount(0, "a", T, 1), Effect(sets=((ALONE, 0),))),
        (ev.UnlockMapping(0, "a"), Effect(sets=((MAPPING, 0),))),
        (ev.ReusePmd(1, "o", T), Effect(((ALONE, 1), (MAPPING, 0)))),
        (ev.WalkEntry(1, "w", T, True), Effect(((LINKED, 1),))),
        (ev.WalkEntry(1, "w", T, False), Effect(((LINKED, 0),))),
        (ev.CacheEntry(1, "m", T), Effect(((LINKED, 1),), ((CACHED, 1),))),
        (ev.HardwareLoad(1, "m", T), Effect(((CACHED, 1),))),
        (ev.CacheMiss(1, "m", T), Effect(((CACHED, 0),))),
        (ev.ClearPte(0, "a", P, 0x1000, 1, ONE, False), Effect(((PRESENT, 1),), ((PRESENT, 0),))),
        (ev.SkipPte(0, "a", P, 0x1000), Effect(((PRESENT, 0),))),
        (ev.WalkPte(1, "w", P, True), Effect(((PRESENT, 1),))),
        (ev.HashFill(1, "h", P, True), Effect(((PRESENT, 1),), ((HASH, 1),))),
        (ev.TlbFill(1, "x", P), Effect(((PRESENT, 1),), ((TLB, 1),))),
        (ev.Access(1, "x", P), Effect(((TLB, 1),))),
        (ev.AccessFault(1, "x", P), Effect(((TLB, 0),))),
        (ev.RemoveRmap(0, "a", (P,), True), Effect(sets=((RMAP, 0),))),
        (ev.DetachVma(0, "a", True), Effect(sets=((RMAP, 0),))),
        (ev.DetachVma(0, "a"), Effect()),
        (ev.DetachVma(0, "b", True), Effect()),
        (ev.FindMapping(1, "x", P, True), Effect(((RMAP, 1),))),
        (ev.FindMapping(1, "x", P, False), Effect(((RMAP, 0),))),
        (ev.WalkLock(1, "w", T), Effect()),
        (ev.AtomicRead(0, "a", "mm_users", 2), Effect(((USERS, 2),))),
        (ev.MmGet(1, "x"), Effect(users=1)),
        (ev.MmPut(1, "x"), Effect(users=-1)),
        (ev.CpuOnline(1, "x"), Effect(sets=((("online", 1), 1),))),
        (ev.KmemCacheFree(0, "a", 0, T), Effect()),
        (ev.WalkLoad(1, "w", T, True), Effect()),
        # A flush of the context takes the translations, and entries above tables only where it says so.
        (ev.Invalidate(0, "a", "flush_tlb_mm", 1, None, ONE, False), Effect(sets=((TLB, 0),))),
        (ev.Invalidate(0, "a", "flush_tlb_mm", 1, None, ONE, True), Effect(sets=((CACHED, 0), (TLB, 0)))),
        (ev.Invalidate(0, "a", "flush_tlb_page", 1, (0x1000,), ONE, True), Effect(sets=((CACHED, 0),))),
        (ev.Invalidate(0, "a", "flush_tlb_page", 1, (0x2000,), ONE, False), Effect()),
        (ev.Invalidate(0, "a", "flush_hash_pages", 1, (0x1000,), ONE, False), Effect(sets=((TLB, 0), (HASH, 0)))),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_event_has_its_guard_and_its_update(event: ev.AnyEvent, effect: Effect) -> None:
    """One line of the machine's law each."""
    assert machine().effect(Act(event), "w") == effect


def test_where_there_is_a_hash_table_a_tlb_is_filled_from_it() -> None:
    """And from nothing else."""
    assert machine(hashed=True).effect(Act(ev.TlbFill(1, "x", P)), "w") == Effect(((HASH, 1),), ((TLB, 1),))


def test_a_grace_period_waits_for_the_regions_of_its_kind() -> None:
    """They are copied when it is asked for; a walker that closes one clears its own copy."""
    law = machine()
    assert law.effect(Submit(SCHED, 0, ()), "a").copies == (
        (("quiet", "a"), ("grace", "quiet", "a", 0, "a")),
        (("quiet", "w"), ("grace", "quiet", "a", 0, "w")),
    )
    rcu = ev.CallRcu(0, "a", 0x40000000, "rcu", ())
    assert law.effect(Submit(rcu, 0, ()), "a").copies == ((("reading", "r"), ("grace", "reading", "a", 0, "r")),)
    assert law.grace_period("a", 0, "sched") == (
        (("grace", "quiet", "a", 0, "a"), 0),
        (("grace", "quiet", "a", 0, "w"), 0),
    )
    assert law.grace_period("a", 0, "rcu") == ((("grace", "reading", "a", 0, "r"), 0),)


def test_closing_a_region_answers_what_waited_for_it_and_nothing_else() -> None:
    """IRQs on: the IPI of a CPU without a handler; preemption on: grace periods of the sched flavour only."""
    done = machine().effect(Act(ev.WalkEnd(1, "w"), irqs_off=False, quiet=False), "w")
    assert set(done.sets) == {
        (("irqs off", "w"), 0), (("quiet", "w"), 0), (("ipi", "a", "w"), 0),
        (("grace", "quiet", "a", 0, "w"), 0), (("grace", "quiet", "a", -1, "w"), 0),
    }  # fmt: skip
    read = machine().effect(Act(ev.WalkEnd(2, "r"), reading=False), "r")
    assert set(read.sets) == {
        (("reading", "r"), 0), (("grace", "reading", "a", 0, "r"), 0), (("grace", "reading", "a", -1, "r"), 0)
    }  # fmt: skip


def test_an_ipi_is_answered_by_handlers_and_by_whoever_has_irqs_off() -> None:
    """At once where IRQs are on; a CPU with something to run answers by running it."""
    sent = ev.SmpCallFunction(0, "a", ONE | OTHER, frozenset({0, 1, 2}), True, True)
    effect = machine().effect(Send(sent, ()), "a")
    assert (effect.sets, effect.copies) == (((("ipi", "a", 2), 1),), ((("irqs off", "w"), ("ipi", "a", "w")),))
    assert machine().effect(Await(0), "a").guard == ((("ipi", "a", 2), 0), (("ipi", "a", "w"), 0))


def test_a_task_waits_for_a_grace_period_in_two_steps() -> None:
    """It asks, and goes on when what it asked for is over."""
    law = machine()
    asked = law.effect(Synchronize("sched", 0), "a").copies
    over = law.effect(Synchronized(ev.GracePeriod(0, "a", 0, "sched")), "a").guard
    assert [(to, 0) for _, to in asked] == list(over)


def test_bug_that_halts_is_the_end_of_all() -> None:
    """Nobody moves who is told to look, and everybody is."""
    law = machine()
    assert law.effect(Act(ev.Bug(0, "a", "x"), halts=True), "a").sets == ((HALTED, 1),)
    assert law.running() == ()
    law.players[0].halts = True
    assert law.running() == ((HALTED, 0),)


@pytest.mark.parametrize("name", sorted(GUARDS))
def test_a_guard_can_be_left_out_by_its_name(name: str) -> None:
    """For tests only: what it guards may then always happen."""
    assert machine(name)._guard(name, (LINKED, 1)) == ()
