# SPDX-License-Identifier: GPL-2.0-only
"""The litmus tests: what every port answers, exactly; their sisters; and that no part of the machine is decoration.

The answers are data, in `litmus_answers.json`; `litmus_answers.py` says how to write them anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from litmus_answers import PORTS, Answers, answers, committed, opened, recorder
from mmu_gather_conformance import build, interleaving, litmuses, ports
from mmu_gather_conformance.asking import Outcome, ask, judged
from mmu_gather_conformance.interleave import lift
from mmu_gather_conformance.interleave.automaton import Act
from mmu_gather_conformance.interleave.effects import GUARDS
from mmu_gather_conformance.interleave.loops import WORD
from mmu_gather_conformance.interleaved import bounds
from mmu_gather_conformance.litmus import Litmus, Runs, gather
from mmu_gather_conformance.litmuses import LITMUSES, OUTSIDE_MODEL
from mmu_gather_conformance.scenario import Migrate, Table
from mmu_gather_spec import events as ev
from mmu_gather_spec import kernel as services
from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.errata import ERRATA
from mmu_gather_spec.rules import RULES

REF: Final = recorder(ports.open_port("ref"))
COMMITTED: Final = committed()
NAMES: Final = tuple(LITMUSES)


def answer(litmus: str, arch: str, port: str = "ref") -> str:
    """What is committed."""
    found: str = COMMITTED[port][litmus][arch]["answer"]
    return found


def words(litmus: str) -> dict[str, str]:
    """What the reference answers, by arch."""
    return {arch: each["answer"] for arch, each in COMMITTED["ref"][litmus].items()}


# --- the answers ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PORTS)
def test_every_answer_is_the_committed_one(name: str, tmp_path: Path) -> None:
    """Answer, states, errata and the length of the shortest way: a change of any is a diff to be read."""
    now = answers(opened(name, tmp_path))
    changed = {
        f"{litmus}/{arch}": (COMMITTED[name].get(litmus, {}).get(arch), each)
        for litmus, by_arch in now.items()
        for arch, each in by_arch.items()
        if COMMITTED[name].get(litmus, {}).get(arch) != each
    }
    assert changed == {}
    assert questions(COMMITTED[name]) == questions(now)


def questions(by_litmus: Answers) -> list[tuple[str, str]]:
    """Which questions were put, in their order."""
    return [(litmus, arch) for litmus, by_arch in by_litmus.items() for arch in by_arch]


#: Where two ports answer differently: the question, and the rule whose words allow that.  There is none.
DIFFERENCES: Final[dict[tuple[str, str, str], str]] = {}


@pytest.mark.parametrize("port", PORTS[1:])
def test_the_ports_give_the_same_answers_but_for_what_a_rule_allows(port: str) -> None:
    """Two eras and two languages: never, sometimes and always in the same places, by the same known defects."""
    different = {
        (port, litmus, arch)
        for litmus, arch in questions(COMMITTED[port])
        if said(COMMITTED[port], litmus, arch) != said(COMMITTED["ref"], litmus, arch)
    }
    assert different == {key for key in DIFFERENCES if key[0] == port}


def said(by_litmus: Answers, litmus: str, arch: str) -> tuple[object, object]:
    """An answer and its errata."""
    each = by_litmus[litmus][arch]
    return each["answer"], each.get("errata")


# --- the litmus tests themselves -----------------------------------------------------------------


def test_every_litmus_has_a_name_of_its_own() -> None:
    """The table by name has them all."""
    families = [getattr(litmuses, name) for name in dir(litmuses) if hasattr(getattr(litmuses, name), "LITMUSES")]
    named = [litmus.name for family in families for litmus in family.LITMUSES]
    assert sorted(named) == sorted(LITMUSES)
    assert [name for name in named if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name)] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_litmus_says_in_one_sentence_what_happens_and_asks_about_a_rule(name: str) -> None:
    """A comment, who runs, and a forbidden outcome that exists."""
    litmus = LITMUSES[name]
    assert re.fullmatch(r"[A-Z][^.]+\.", litmus.comment), litmus.comment
    assert litmus.forbidden in RULES
    assert litmus.gathers()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"offline": (2,), "spare": False}, "at most one CPU comes online"),
        ({"offline": (1,), "spare": True}, "at most one CPU comes online"),
        ({"offline": (1, 2), "spare": False}, "at most one CPU comes online"),
        ({"preemptible": False}, "a task that keeps its CPU does not move"),
    ],
)
def test_a_litmus_that_the_machine_has_no_meaning_for_is_refused(changed: dict[str, Any], words: str) -> None:
    """With the reason, before anybody is asked."""
    with pytest.raises(ValueError, match=words):
        replace(LITMUSES["gather-moves"], parts=(gather(0, Migrate(), Table()),), **changed)


@pytest.mark.parametrize("name", NAMES)
def test_a_state_takes_a_machine_word_and_its_length_is_told(name: str) -> None:
    """What a search keeps is bounded: so many states of so many bits, which fit the compiled loop, too."""
    arch = next(iter(COMMITTED["ref"][name]))
    outcome = ask(LITMUSES[name], arch, REF)
    assert 0 < outcome.bits <= WORD
    assert f"{outcome.states} states of {outcome.bits} bits" in bounds(LITMUSES[name], outcome)


def lines_apart(one: Litmus, other: Litmus) -> int:
    """In how many lines two litmus tests differ, their names, comments and forbidden outcomes apart."""
    fields = ("users", "failing", "batch", "archs", "offline", "spare", "preemptible", "local")
    apart = sum(bool(getattr(one, field) != getattr(other, field)) for field in fields)
    left, right = list(one.parts), list(other.parts)
    common = [part for part in left if part in right and not right.remove(part)]  # type: ignore[func-returns-value]
    return apart + max(len(left) - len(common), len(right))


@pytest.mark.parametrize("name", NAMES)
def test_a_litmus_has_a_sister_one_line_away_that_answers_otherwise(name: str) -> None:
    """So that every Never is known to be about that line, and every Sometimes has a way out."""
    litmus = LITMUSES[name]
    sister = LITMUSES[litmus.sister]
    assert lines_apart(litmus, sister) <= 1
    own, hers = words(name), words(sister.name)
    assert any(own[arch] != hers[arch] for arch in own.keys() & hers.keys())


def test_every_never_has_a_sister_that_does_happen() -> None:
    """What happens on no arch at all would be no question."""
    never = [name for name in NAMES if set(words(name).values()) == {"Never"}]
    assert [name for name in never if set(words(LITMUSES[name].sister).values()) == {"Never"}] == []
    assert len(never) > len(NAMES) // 3


def test_all_three_answers_are_given() -> None:
    """Always is rare: what breaks a rule in every interleaving needs no search."""
    found = [each for name in NAMES for each in words(name).values()]
    assert {each: found.count(each) > 0 for each in ("Never", "Sometimes", "Always")} == {
        "Never": True, "Sometimes": True, "Always": True,
    }  # fmt: skip


# --- the known defects -----------------------------------------------------------------------------

TABLES_BATCHED: Final = ("hash32", "hash64", "nohash", "hardware-walker")
TLB_ARCHS: Final = ("nohash", "hardware-walker", "ipi")
#: By erratum: a litmus that shows it, and on which archs; on all others it is benign.  S4 is no erratum: the seed's
#: contract excludes such readers, and the rule that they break is theirs.
DEFECTS: Final = (
    ("S1", "hardware-one-user", ("hardware-walker",)),
    ("S1", "hardware-own-cpu-one-user", ("hardware-walker",)),
    ("S1", "hardware-lazy", ("hardware-walker",)),
    ("S1", "hardware-exit-mmap", ("hardware-walker",)),
    ("S2", "aio-below-two-users", TABLES_BATCHED),
    ("S2", "users-fall", TABLES_BATCHED),
    ("S3", "hardware-no-memory", ("hardware-walker",)),
    ("S4", "rcu-reader", (*TABLES_BATCHED, "ipi")),
    ("S4", "preempt-off-reader-no-memory", (*TABLES_BATCHED, "ipi")),
    ("S5", "hardware-batch-full", ("hardware-walker",)),
    ("S6", "access-one-cpu", TLB_ARCHS),
    ("S6", "access-cpu-comes-online", ("hash64", *TLB_ARCHS)),
    ("S6", "hardware-one-cpu", ("ipi",)),
    ("S6", "walker-cpu-comes-online", ("ipi",)),
    ("S11", "lock-taken", TABLES_BATCHED),
    ("S13", "two-gathers-same-pages", TLB_ARCHS),
    ("S14", "taken-back", TLB_ARCHS),
    ("S15", "taken-for-clean", ("hash64", *TLB_ARCHS)),
)


@pytest.mark.parametrize(("number", "name", "archs"), DEFECTS)
def test_a_known_defect_of_the_seed_is_found_where_it_does_harm(number: str, name: str, archs: Sequence[str]) -> None:
    """By its number; and the judge, who reads the witness as he reads any trace, says the same."""
    assert {arch for arch, each in words(name).items() if each != "Never"} == set(archs)
    for arch in archs:
        witness = ask(LITMUSES[name], arch, REF).of(LITMUSES[name].forbidden)
        assert witness is not None
        found = judged(witness, DEFAULT_ERA)
        assert found is not None
        assert found.at == len(witness.trace) - 1
        expected = number if number in ERRATA else ""
        assert (witness.erratum, found.violation.erratum or "") == (expected, expected)


def test_fast_mode_is_benign_in_a_kernel_that_is_not_preemptible() -> None:
    """One line away from S6."""
    assert set(words("access-one-cpu-not-preemptible").values()) == {"Never"}


def test_what_cannot_be_asked_is_listed_with_the_reason() -> None:
    """Each by name and number, with the nearest question that can be put; none of them is an erratum of a rule."""
    assert {each.number for each in OUTSIDE_MODEL} == {"S12", "S17", "S18"}
    assert {each.number for each in OUTSIDE_MODEL} & ERRATA.keys() == set()
    assert {each.nearest for each in OUTSIDE_MODEL} - {""} <= LITMUSES.keys()
    assert all(each.shape.endswith(".") and each.reason.endswith(".") for each in OUTSIDE_MODEL)


# --- the agents are not decoration ---------------------------------------------------------------

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
}


def test_every_guard_decides_an_answer_but_the_one_that_the_reference_never_meets() -> None:
    """It has no BUG() in an interrupt; a port that has one is asked below.  And it does not count pending gathers."""
    assert set(GUARDS) - DECIDED_BY.keys() == {"halted", "pending"}


def test_a_gather_that_could_not_tell_that_another_is_pending_would_miss_its_flush() -> None:
    """The count is later than the seed; without the guard it may be read as it is not."""
    litmus, later = LITMUSES["two-gathers-same-pages"], recorder(ports.reference("v6.12", "v6.12"))
    assert ask(litmus, "nohash", later).answer == "Never"
    assert ask(litmus, "nohash", later, without=frozenset({"pending"})).answer == "Sometimes"


@pytest.mark.parametrize("guard", DECIDED_BY)
def test_without_a_guard_of_the_machine_something_happens_that_never_does(guard: str) -> None:
    """A guard that no answer depends on would be there for nothing."""
    name, arch = DECIDED_BY[guard]
    assert answer(name, arch) == "Never"
    assert ask(LITMUSES[name], arch, REF, without=frozenset({guard})).answer == "Sometimes"


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
#: For each other duty, the questions with it and without it.
DUTIES: Final = (
    ("preempt-off-reader", "rcu-reader", "hash64"),
    ("gup-fast-fresh", "pointer-from-before", "hash64"),
    ("pin", "pin-outright", "hash64"),
    ("hash-fault", "hash-fault-irqs-on", "hash64"),
    ("hash-filled", "hash-filled-unlocked", "hash64"),
    ("vhost-below-two-users", "vhost-puts-first", "hash64"),
)


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
    assert answer(name, arch) == "Never"
    litmus = LITMUSES[name]
    assert program in {part.program for part in litmus.parts if isinstance(part, Runs)}
    monkeypatch.setitem(interleaving.PROGRAMS, program, with_irqs_on(interleaving.PROGRAMS[program]))
    careless = Litmus(
        litmus.name, litmus.comment, litmus.parts, "walk.fallback-is-no-grace-period", litmus.sister, litmus.users
    )
    assert ask(careless, arch, REF).answer == "Sometimes"


@pytest.mark.parametrize(("with_it", "without", "arch"), DUTIES)
def test_a_duty_of_a_walker_decides_an_answer(with_it: str, without: str, arch: str) -> None:
    """Both questions are committed, and differ in the program alone."""
    assert (answer(with_it, arch), answer(without, arch)) == ("Never", "Sometimes")
    one, other = LITMUSES[with_it], LITMUSES[without]
    assert lines_apart(one, other) == 1


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


# --- the port is what is searched ------------------------------------------------------------------

#: A port that is wrong in one thing, and a question whose answer it turns.
WRONG: Final = (
    ("mutant:no_ipi_on_fallback", "no-memory", "hash64"),
    ("mutant:fallback_not_waited_for", "no-memory", "hash64"),
    ("mutant:wrong_rcu_flavour", "gup-fast", "hash64"),
    ("mutant:shortcut_below_three_users", "aio-two-users", "hash64"),
    ("mutant:ipi_to_mm_cpumask_only", "outside-mm-cpumask", "hash64"),
    ("mutant:page_freed_at_once", "access", "hardware-walker"),
    ("mutant:flush_does_not_invalidate", "access", "hardware-walker"),
    ("mutant:indirect_entry_after_queueing", "hardware-one-user", "nohash"),
)


def asked_of(port: ports.Port, name: str, arch: str) -> Outcome:
    """A litmus, put to a port that has not been asked before."""
    return ask(LITMUSES[name], arch, recorder(port))


@pytest.mark.parametrize(("port", "name", "arch"), WRONG)
def test_a_wrong_port_alone_turns_an_answer(port: str, name: str, arch: str) -> None:
    """Same question, same machine, same programs."""
    assert answer(name, arch) == "Never"
    assert asked_of(ports.open_port(port), name, arch).answer != "Never"


def test_a_wrong_library_alone_turns_an_answer(tmp_path: Path) -> None:
    """The C port without the line that interrupts the others."""
    source = (build.C_PORTS / "rfc_2010.c").read_text("utf-8")
    line = "\tsmp_call_function(remove_table_sync, NULL, 1);\n"
    assert line in source
    wrong = tmp_path / "no_ipi.c"
    wrong.write_text(source.replace(line, ""), "utf-8")
    port = ports.open_port(f"so:{build.shared_library(wrong, tmp_path / 'no_ipi.so', ('NO_IPI',))}")
    assert answer("no-memory", "hash64", PORTS[2]) == "Never"
    assert asked_of(port, "no-memory", "hash64").answer == "Sometimes"
