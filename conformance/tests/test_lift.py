# SPDX-License-Identifier: GPL-2.0-only
"""From runs to automata: what folds, where callbacks and handlers go, and what is no function of the answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from mmu_gather_conformance.interleave import lift
from mmu_gather_conformance.interleave.automaton import (
    ENDED,
    Act,
    Action,
    Automaton,
    Await,
    Edge,
    Send,
    Submit,
    Synchronize,
    Synchronized,
    Tree,
)
from mmu_gather_conformance.recorder import Outcome, Recording, Run
from mmu_gather_reference.machine import gup, hash_fault, mmu, task, use_mm
from mmu_gather_spec import events as ev

T, P = 0x100000, 0x20000000
HEAD = 0x40000000
BOOT = ev.Booted(0, "a", "hash64", "rfc-2010", True, 64, 4096, True, False, 3, 15, frozenset(), 0)


def act(number: int) -> Act:
    """An action that is told by its number."""
    return Act(ev.FreePage(0, "a", number))


# --- automata -----------------------------------------------------------------------------------


def test_equal_futures_are_one_node() -> None:
    """Two beginnings that go on alike meet; a node without edges is the end."""
    tree, automaton = Tree(), Automaton()
    tree.add([act(1), act(3), act(4)])
    tree.add([act(2), act(3), act(4)])
    start = tree.fold(automaton)
    assert automaton.nodes == [
        (),
        (Edge(act(4), ENDED),),
        (Edge(act(3), 1),),
        (Edge(act(1), 2), Edge(act(2), 2)),
    ]
    assert start == 3


def test_a_shared_beginning_is_one_way_until_it_parts() -> None:
    """As answers part it."""
    tree, automaton = Tree(), Automaton()
    tree.add([act(1), act(2)])
    tree.add([act(1), act(3)])
    start = tree.fold(automaton)
    assert automaton.nodes[start] == (Edge(act(1), 1),)
    assert automaton.nodes[1] == (Edge(act(2), ENDED), Edge(act(3), ENDED))


def test_a_chain_uses_nodes_that_are_there() -> None:
    """Its end is the end of another chain."""
    automaton = Automaton()
    assert automaton.chain([act(1), act(2)]) == 2
    assert automaton.chain([act(3), act(2)]) == 3
    assert automaton.nodes[3] == (Edge(act(3), 1),)


# --- programs -----------------------------------------------------------------------------------

WALK = Act(ev.WalkBegin(1, "w", False), irqs_off=True, quiet=True)
DONE = Act(ev.WalkEnd(1, "w"), irqs_off=False, quiet=False)


def test_the_automaton_of_a_walker() -> None:
    """IRQs go off, the entry is there or not, the table is read twice, IRQs go on."""
    automaton = lift.program(lambda: gup.get_user_pages_fast(1, "w", [T]))
    load = Act(ev.WalkLoad(1, "w", T, True))
    assert automaton.nodes == [
        (),
        (Edge(DONE, ENDED),),
        (Edge(load, 1),),
        (Edge(load, 2),),
        (Edge(Act(ev.WalkEntry(1, "w", T, True)), 3), Edge(Act(ev.WalkEntry(1, "w", T, False)), 1)),
        (Edge(WALK, 4),),
    ]
    assert automaton.start == 5


def test_a_reader_opens_a_region_of_another_kind() -> None:
    """Under rcu_read_lock() IRQs stay on."""
    automaton = lift.program(lambda: gup.rcu_reader(1, "r", [T]))
    assert automaton.nodes[automaton.start] == (Edge(Act(ev.WalkBegin(1, "r", True), reading=True), 4),)
    assert automaton.nodes[1] == (Edge(Act(ev.WalkEnd(1, "r"), reading=False), ENDED),)


def test_the_automaton_of_hardware() -> None:
    """It caches an entry or misses it, and reads the table while it is cached; it opens no region."""
    automaton = lift.program(lambda: mmu.walk_tables(1, "mmu", [T]))
    assert automaton.nodes == [
        (),
        (Edge(Act(ev.HardwareLoad(1, "mmu", T)), ENDED), Edge(Act(ev.CacheMiss(1, "mmu", T)), ENDED)),
        (Edge(Act(ev.CacheEntry(1, "mmu", T)), 1), Edge(Act(ev.CacheMiss(1, "mmu", T)), ENDED)),
    ]


@pytest.mark.parametrize(
    ("make", "nodes"),
    [
        (lambda: mmu.access(1, "x", P), 3),
        (lambda: hash_fault.hash_page(1, "x", T, P), 6),
        (lambda: use_mm.aio(1, "x", [T]), 6),
        (lambda: use_mm.vhost(1, "x", [T]), 7),
        (lambda: task.clone(1, "x"), 2),
        (lambda: task.clone_and_exit(1, "x"), 3),
        (lambda: gup.get_user_pages_fast(1, "x", [T, T + 0x1000]), 9),
    ],
)
def test_every_program_ends_and_has_so_many_places(make: Callable[[], lift.Program], nodes: int) -> None:
    """A place more or less is a step more or less, and that is news."""
    automaton = lift.program(make)
    assert len(automaton.nodes) == nodes
    assert all(edge.to < number for number, edges in enumerate(automaton.nodes) for edge in edges)


# --- recordings ---------------------------------------------------------------------------------

SUBMIT = ev.CallRcu(0, "a", HEAD, "sched", (T,))
OVER = (ev.GracePeriod(1, "softirq", HEAD, "sched"), ev.CallbackBegin(1, "softirq", HEAD))
FREED = (ev.KmemCacheFree(1, "softirq", 0, T), ev.CallbackEnd(1, "softirq", HEAD))
END = ev.Quiescent(0, "a")


def ipi(*, wait: bool) -> ev.SmpCallFunction:
    """An IPI to two CPUs."""
    return ev.SmpCallFunction(0, "a", frozenset({1, 2}), frozenset({0, 1, 2}), wait, True)


def lifted(*traces: tuple[ev.AnyEvent, ...]) -> Automaton:
    """The automaton of a recording with these runs."""
    return lift.recording(Recording([Run((at,), 0, (BOOT, *trace)) for at, trace in enumerate(traces)]), "a")


def path(automaton: Automaton) -> list[Action]:
    """The actions of an automaton without choices."""
    found, node = [], automaton.start
    while node != ENDED:
        (edge,) = automaton.nodes[node]
        found.append(edge.action)
        node = edge.to
    return found


def test_a_callback_goes_to_the_call_that_queued_it() -> None:
    """And the task goes on as if it had not been."""
    unlink = ev.Unlink(0, "a", T, 0)
    body = tuple(Act(event) for event in (*OVER, *FREED))
    assert path(lifted((unlink, SUBMIT, *OVER, *FREED, END))) == [Act(unlink), Submit(SUBMIT, 0, body)]


def test_handlers_go_to_the_ipi_that_called_them_and_it_is_waited_for() -> None:
    """By CPU, each up to its answer."""
    flush = ev.Invalidate(2, "ipi", "flush_tlb_mm", 1, None, frozenset({2}), False)
    acks = ev.IpiAck(1, "ipi"), ev.IpiAck(2, "ipi")
    handlers = ((1, (Act(acks[0]),)), (2, (Act(flush), Act(acks[1]))))
    sent = ipi(wait=True)
    assert path(lifted((sent, acks[0], flush, acks[1], END))) == [Send(sent, handlers), Await(0)]


def test_handlers_that_nobody_waits_for_go_back_to_their_ipi() -> None:
    """They ran when the task had ended; a second IPI waits until the first has been answered."""
    acks = ev.IpiAck(1, "ipi"), ev.IpiAck(2, "ipi")
    sent, free = ipi(wait=False), ev.KmemCacheFree(0, "a", 0, T)
    handlers = tuple((ack.cpu, (Act(ack),)) for ack in acks)
    assert path(lifted((sent, free, sent, *acks, *acks, END))) == [
        Send(sent, handlers),
        Act(free),
        Await(0),
        Send(sent, handlers),
    ]


def test_an_ipi_at_the_end_that_is_waited_for_has_its_own_handlers_only() -> None:
    """The rest ran late, and are the first one's."""
    acks = ev.IpiAck(1, "ipi"), ev.IpiAck(2, "ipi")
    late, sent = ipi(wait=False), ipi(wait=True)
    handlers = tuple((ack.cpu, (Act(ack),)) for ack in acks)
    assert path(lifted((late, sent, *acks, *acks, END))) == [
        Send(late, handlers),
        Await(0),
        Send(sent, handlers),
        Await(0),
    ]


def test_a_grace_period_that_is_waited_for_takes_two_steps() -> None:
    """Between them others run."""
    over = ev.GracePeriod(0, "a", 0, "sched")
    assert path(lifted((over, END))) == [Synchronize("sched", 0), Synchronized(over)]


def test_bug_lets_go_of_what_held_others_up_and_with_irqs_off_it_halts() -> None:
    """Preemption that is off is nobody's any more; IRQs that are off take the machine along."""
    off, on = ev.Preempt(0, "a", 1), ev.Irqs(0, "a", False)
    bug = ev.Bug(0, "a", "x")
    assert path(lifted((ev.Enter(0, "a", "f", ()), off, bug, END)))[-1] == Act(bug, quiet=False)
    assert path(lifted((on, bug)))[-1] == Act(bug, halts=True)


@pytest.mark.parametrize(
    ("recording", "why"),
    [
        (Recording([], closed=False), "not every pattern of answers"),
        (Recording([Run((), 0, (BOOT,), Outcome.CRASHED, "KeyError")]), "a run crashed: KeyError"),
        (Recording([Run((), 0, (BOOT, ev.Shared(0, "a", "Unlink"), END))]), "what another gather does"),
        (
            Recording([Run((n,), 0, (BOOT, SUBMIT, *OVER, *FREED[n:], END)) for n in (0, 1)]),
            "depends on what happened after it was asked for",
        ),
        (Recording([Run((), 0, (BOOT, SUBMIT, ev.Bug(0, "a", "x")))]), "BUG ended the machine before every callback"),
    ],
)
def test_what_is_no_function_of_the_answers_is_untestable(recording: Recording, why: str) -> None:
    """And the message says why."""
    with pytest.raises(lift.Untestable, match=why):
        lift.recording(recording, "a")
