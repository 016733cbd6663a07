# SPDX-License-Identifier: GPL-2.0-only
"""No part of the machine is decoration: take away a guard, or a walker's IRQs off, and some Never becomes Sometimes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest
from litmus_answers import LATER, first, recorder, word
from mmu_gather_conformance import interleaving, ports
from mmu_gather_conformance.asking import ask
from mmu_gather_conformance.interleave import lift
from mmu_gather_conformance.interleave.automaton import Act
from mmu_gather_conformance.interleave.effects import GUARDS
from mmu_gather_conformance.litmus import Litmus, Runs
from mmu_gather_conformance.litmuses import LITMUSES
from mmu_gather_spec import events as ev
from mmu_gather_spec import kernel as services
from mmu_gather_spec.eras import DEFAULT_ERA

REF: Final = recorder(ports.open_port("ref"))
REFS: Final = {"ref": REF, LATER: recorder(ports.open_port(LATER))}


# --- the guards --------------------------------------------------------------------------------

#: For each guard of the machine a question whose answer it decides.
DECIDED_BY: Final = {
    "entry": ("gup-fast", "hash64"),
    "pte": ("access", "hardware-walker"),
    "hash": ("access", "hash64"),
    "walk-cache": ("hardware-other-cpu", "hardware-walker"),
    "rmap": ("taken-back-flushed", "nohash"),
    "tlb": ("access", "nohash"),
    "users": ("vhost-below-two-users", "hash64"),
    "online": ("walker-cpu-comes-online", "hash64"),
    "grace-period": ("gup-fast", "hash32"),
    "await": ("no-memory", "hash64"),
    "irqs": ("gup-fast", "ipi"),
    "cpu": ("no-memory-own-cpu", "hash64"),
    "lock": ("two-gathers-same-pages", "hash32"),
    "sharing": ("unshare-gup-fast", "arm64"),
}


def test_every_guard_that_the_seeds_reference_meets_decides_an_answer() -> None:
    """It has no BUG() in an interrupt, counts no pending gathers, and is not on s390: these are asked about below."""
    assert set(GUARDS) - DECIDED_BY.keys() == {"halted", "pending", "flush-mm", "context-lock", "switch"}


@pytest.mark.parametrize("guard", DECIDED_BY)
def test_without_a_guard_of_the_machine_something_happens_that_never_does(guard: str) -> None:
    """A guard that no answer depends on would be there for nothing."""
    name, arch = DECIDED_BY[guard]
    which = first(LITMUSES[name])
    assert word(name, arch, which) == "Never"
    assert ask(LITMUSES[name], arch, REFS[which], without=frozenset({guard})).answer == "Sometimes"


def test_a_gather_that_could_not_tell_that_another_is_pending_would_miss_its_flush() -> None:
    """The count is later than the seed; without the guard it may be read as it is not."""
    litmus, later = LITMUSES["two-gathers-same-pages"], recorder(ports.reference("v6.12", "v6.12"))
    assert ask(litmus, "nohash", later).answer == "Never"
    assert ask(litmus, "nohash", later, without=frozenset({"pending"})).answer == "Sometimes"


@pytest.mark.parametrize(
    ("guard", "name"),
    [
        ("flush-mm", "two-gathers-hardware"),
        ("context-lock", "two-gathers-hardware-no-memory"),
        ("switch", "access-one-cpu"),
    ],
)
def test_what_s390_keeps_in_the_mm_decides_an_answer(guard: str, name: str) -> None:
    """Two gathers clear one flag: without the lock, or where it is read as it is not, one frees before the flush.

    The lock alone decides only where a single table waits for an IPI: a grace period waits for who holds it anyway.
    """
    litmus = LITMUSES[name]
    assert ask(litmus, "s390", REFS[LATER]).answer == "Never"
    assert ask(litmus, "s390", REFS[LATER], without=frozenset({guard})).answer == "Sometimes"


@pytest.mark.parametrize(("arch", "found"), [("arm64", "Sometimes"), ("s390", "Sometimes"), ("radix", "Never")])
def test_where_a_whole_mm_is_not_flushed_a_thread_that_still_runs_reaches_a_freed_page(arch: str, found: str) -> None:
    """That is what the caller's rule is for: arm64 and s390 take its word for it, and radix flushes all the same."""
    litmus = LITMUSES["access-whole-mm"]
    assert ask(replace(litmus, forbidden="walk.no-access-to-a-freed-page"), arch, REFS[LATER]).answer == found
    assert ask(litmus, arch, REFS[LATER]).answer == "Sometimes"


def bugs(arg: object, /) -> None:
    """An IPI handler that goes wrong."""
    services.BUG_ON(True, "in an interrupt")


def test_after_a_bug_in_an_interrupt_nobody_is_waited_for_any_more() -> None:
    """Without that guard the sender of the interrupt would be stuck, which is another violation."""
    port = ports.reference(DEFAULT_ERA, "bugs", {"tlb_remove_table_smp_sync": bugs})
    litmus = LITMUSES["no-memory"]
    ended = ask(litmus, "hash64", recorder(port))
    stuck = ask(litmus, "hash64", recorder(port), without=frozenset({"halted"}))
    assert {witness.rule for witness in ended.witnesses} == set()
    assert {witness.rule for witness in stuck.witnesses} == {None}


def test_who_looks_again_finds_the_cpus_that_have_come_online() -> None:
    """What is recorded branches where the gather counts CPUs, and again where it interrupts them."""
    litmus = LITMUSES["walker-cpu-comes-online"]
    recording = REF(interleaving.case(litmus, litmus.gathers()[0], "hash64"))
    found = set()
    for run in recording.runs:
        counted = [event.value for event in run.trace if isinstance(event, ev.NumOnlineCpus)]
        interrupted = [len(event.online) for event in run.trace if isinstance(event, ev.SmpCallFunction)]
        found.add((*counted, *interrupted))
    assert found == {(1,), (1, 1), (1, 2), (2,), (2, 2)}


# --- the walkers -------------------------------------------------------------------------------

#: For each program that walks with IRQs off, a question whose answer that decides.  The other programs that do are
#: variants with another duty left out.
WALKS: Final = {
    "gup_fast": ("gup-fast", "hash64"),
    "pte_offset_map_lock": ("lock-taken", "ipi"),
    "aio": ("aio-two-users", "hash64"),
    "vhost": ("vhost-below-two-users", "nohash"),
    "late_user": ("late-user", "hash64"),
    "hash_page": ("hash-fault", "hash64"),
}
VARIANTS: Final = frozenset({"old_pointer", "gup_outright", "vhost_puts_first", "hash_page_unlocked"})


def with_irqs_on(make: Callable[..., lift.Program]) -> Callable[..., lift.Program]:
    """The same program, with IRQs on when it walks."""

    def made(*args: Any) -> lift.Program:
        steps = make(*args)
        offered = next(steps, None)
        while offered is not None:
            taken = yield tuple(
                replace(event, irqs_on=True) if isinstance(event, ev.WalkBegin) else event for event in offered
            )
            try:
                offered = steps.send(taken)
            except StopIteration:
                offered = None

    return made


def turns_irqs_off(program: str) -> bool:
    """Whether a program ever has IRQs off."""
    automaton = interleaving.program(Runs(1, program, ("a0",)), (0x10000,), 0x20000)
    return any(isinstance(action, Act) and action.irqs_off for action in automaton.actions())


def test_every_program_that_has_irqs_off_is_asked_whether_it_must() -> None:
    """A new walker comes with a question of its own."""
    assert {name for name in interleaving.PROGRAMS if turns_irqs_off(name)} == WALKS.keys() | VARIANTS


@pytest.mark.parametrize("program", WALKS)
def test_a_walker_that_leaves_irqs_on_loses_its_table(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """IRQs off are what it is waited for by; without, another rule is broken: its own."""
    name, arch = WALKS[program]
    assert word(name, arch) == "Never"
    litmus = LITMUSES[name]
    assert program in {part.program for part in litmus.parts if isinstance(part, Runs)}
    monkeypatch.setitem(interleaving.PROGRAMS, program, with_irqs_on(interleaving.PROGRAMS[program]))
    careless = Litmus(
        litmus.name, litmus.comment, litmus.parts, "walk.fallback-is-no-grace-period", litmus.sister, litmus.users
    )
    assert ask(careless, arch, REF).answer == "Sometimes"
