# SPDX-License-Identifier: GPL-2.0-only
"""The litmus tests: what every port answers, exactly, and that each has a sister that answers otherwise.

The answers are data, in `litmus_answers.json`; `litmus_answers.py` says how to write them anew.  What they say of the
seed's own defects is in `test_known_defects`, and what they owe to each part of the machine in `test_guards`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from litmus_answers import LATER, PORTS, Answers, answers, committed, first, opened, recorder, word, words
from mmu_gather_conformance import build, litmuses, ports
from mmu_gather_conformance.asking import Outcome, ask
from mmu_gather_conformance.interleave.loops import WORD
from mmu_gather_conformance.interleaved import bounds
from mmu_gather_conformance.litmus import Litmus, gather
from mmu_gather_conformance.litmuses import LITMUSES
from mmu_gather_conformance.scenario import Migrate, Table
from mmu_gather_spec.rules import RULES

REF: Final = recorder(ports.open_port("ref"))
REFS: Final = {"ref": REF, LATER: recorder(ports.open_port(LATER))}
COMMITTED: Final = committed()
NAMES: Final = tuple(LITMUSES)


# --- the answers ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*PORTS, LATER])
def test_every_answer_is_the_committed_one(name: str, tmp_path: Path) -> None:
    """Answer, states, errata and the length of the shortest way: a change of any is a diff to be read."""
    now = answers(name, opened(name, tmp_path))
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


def test_all_three_answers_are_given() -> None:
    """Always is rare: what breaks a rule in every interleaving needs no search."""
    found = [each for name in NAMES for each in words(name).values()]
    assert {each: found.count(each) > 0 for each in ("Never", "Sometimes", "Always")} == {
        "Never": True, "Sometimes": True, "Always": True,
    }  # fmt: skip


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
    which = first(LITMUSES[name])
    arch = next(iter(COMMITTED[which][name]))
    outcome = ask(LITMUSES[name], arch, REFS[which])
    assert 0 < outcome.bits <= WORD
    assert f"{outcome.states} states of {outcome.bits} bits" in bounds(LITMUSES[name], outcome)


# --- their sisters -------------------------------------------------------------------------------


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


#: For each duty of a walker besides IRQs off, the questions with it and without it.
DUTIES: Final = (
    ("preempt-off-reader", "rcu-reader", "hash64"),
    ("gup-fast-fresh", "pointer-from-before", "hash64"),
    ("pin", "pin-outright", "hash64"),
    ("hash-fault", "hash-fault-irqs-on", "hash64"),
    ("hash-filled", "hash-filled-unlocked", "hash64"),
    ("vhost-below-two-users", "vhost-puts-first", "hash64"),
)


@pytest.mark.parametrize(("with_it", "without", "arch"), DUTIES)
def test_a_duty_of_a_walker_decides_an_answer(with_it: str, without: str, arch: str) -> None:
    """Both questions are committed, and differ in the program alone."""
    assert (word(with_it, arch), word(without, arch)) == ("Never", "Sometimes")
    one, other = LITMUSES[with_it], LITMUSES[without]
    assert lines_apart(one, other) == 1


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
    assert word(name, arch) == "Never"
    assert asked_of(ports.open_port(port), name, arch).answer != "Never"


def test_a_wrong_library_alone_turns_an_answer(tmp_path: Path) -> None:
    """The C port without the line that interrupts the others."""
    source = (build.C_PORTS / "rfc_2010.c").read_text("utf-8")
    line = "\tsmp_call_function(remove_table_sync, NULL, 1);\n"
    assert line in source
    wrong = tmp_path / "no_ipi.c"
    wrong.write_text(source.replace(line, ""), "utf-8")
    port = ports.open_port(f"so:{build.shared_library(wrong, tmp_path / 'no_ipi.so', ('NO_IPI',))}")
    assert word("no-memory", "hash64", PORTS[2]) == "Never"
    assert asked_of(port, "no-memory", "hash64").answer == "Sometimes"
