# SPDX-License-Identifier: GPL-2.0-only
"""The suite is believed because it is seen to fail: every mutant is caught by the rule that it names."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest
from mmu_gather_conformance import cases, mutants
from mmu_gather_conformance.check import check
from mmu_gather_conformance.falsify.breakers import Kind, of_mutant
from mmu_gather_conformance.litmuses import LITMUSES
from mmu_gather_conformance.ports import names_in
from mmu_gather_conformance.verdict import Verdict
from mmu_gather_spec.arch import ARCHS
from mmu_gather_spec.events import AnyEvent
from mmu_gather_spec.rule import Binds, Level
from mmu_gather_spec.rules import RULES

#: The one that is not even linked has no trace to be caught in; the matrix has it.
MUTANTS: Final = tuple(name for name in names_in(mutants) if of_mutant(name).kind is Kind.MUTANT)

#: Who is answered for by a mutant: a port, and the select line of its arch.
BOUND: Final = (Binds.PORT, Binds.CONFIGURATION)

#: MUST rules that bind a port and have no mutant among the modules, with the reason.
WITHOUT_MUTANT: Final = {
    "walk.nobody-below-two-users": "whoever frees below two users while somebody walks does what S2 is, in these eras",
    "configuration.provides-remove-table": "a port without the function is not even linked: a test below",
}


def constant(name: str, which: str) -> str:
    """BREAKS or SHOWS_IN of a mutant."""
    value = getattr(importlib.import_module(f"{mutants.__name__}.{name}"), which)
    assert isinstance(value, str)
    return value


def survivors(names: Iterable[str]) -> list[str]:
    """The mutants that their own rule lets through in the case where they are said to show."""
    return [name for name in names if not caught(name)]


def caught(name: str) -> bool:
    """Whether a mutant's own rule, asked alone in its own case, says violated."""
    rule, case = constant(name, "BREAKS"), constant(name, "SHOWS_IN")
    scenario, arch = case.split("/")[:2]
    report = check(f"mutant:{name}", archs=(arch,), rule=rule, keyword=f"{scenario}/{arch}")
    found = [result.rules.get(rule) for result in report.cases if result.id == case]
    return found == [Verdict.VIOLATED] and report.by_rule()[rule] is Verdict.VIOLATED


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_caught_by_the_rule_that_it_breaks(name: str) -> None:
    """And by that rule where its module says that it shows."""
    assert survivors([name]) == []


def test_every_mutant_shows_in_a_case_in_which_the_caller_keeps_its_rules() -> None:
    """After a caller's fault anything may happen, so nothing would be shown."""
    shown = {name: constant(name, "SHOWS_IN") for name in MUTANTS}
    interleaved = {f"{litmus.name}/{arch}" for litmus in LITMUSES.values() for arch in litmus.archs or ARCHS}
    alone = {name: cases.find(case) for name, case in shown.items() if case not in interleaved}
    assert [name for name, case in alone.items() if case is None or case.scenario.misuse] == []


@pytest.mark.parametrize("litmus", ["hardware-no-memory", "hardware-batch-full"])
def test_a_known_defect_of_other_hardware_is_none_on_book3e(litmus: str) -> None:
    """There the entry is invalidated before its table is given; elsewhere the same schedule is S3, or S5."""
    rule = "walk.hardware-never-a-freed-table"
    found = {}
    for port, arch in (("mutant:indirect_entry_left_to_the_flush", "nohash"), ("ref", "hardware-walker")):
        report = check(port, archs=(arch,), rule=rule, keyword=f"{litmus}/{arch}")
        found[arch] = report.by_rule()[rule]
    assert found == {"nohash": Verdict.VIOLATED, "hardware-walker": Verdict.AS_WRITTEN}


def test_every_must_that_binds_a_port_has_a_mutant() -> None:
    """No rule goes unbroken without a reason, and no reason outlives its need."""
    broken = {constant(name, "BREAKS") for name in MUTANTS}
    ours = {rule.id for rule in RULES.values() if rule.level is Level.MUST and rule.binds in BOUND}
    assert ours - broken == ours & set(WITHOUT_MUTANT)
    assert broken <= ours - set(WITHOUT_MUTANT)


def test_a_judge_that_finds_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its monitor blind a mutant survives, and the first test above would name it."""
    monitor = RULES["separation.waited-for-every-cpu"].monitor

    def blind(state: object, event: AnyEvent) -> object:
        return state

    monkeypatch.setattr(monitor, "step", blind)
    assert survivors(["no_ipi_on_fallback", "fallback_not_waited_for"]) == ["no_ipi_on_fallback"]


def test_an_arch_half_that_cannot_free_a_table_is_not_linked(tmp_path: Path) -> None:
    """The function that is missing is named."""
    half = tmp_path / "half.py"
    half.write_text("def tlb_flush(tlb, /):\n    pass\n")
    report = check(f"py:{half}", archs=("hash64",), keyword="one-table/hash64/small")
    assert [(case.verdict, "__tlb_remove_table" in case.detail) for case in report.cases] == [
        (Verdict.PROTOCOL_ERROR, True)
    ]


def test_a_port_that_hides_its_callers_fault_is_no_fault_of_the_suite() -> None:
    """What loses its tables frees none of them twice."""
    (result,) = check("mutant:callback_reads_the_gather", archs=("hash64",), keyword="table-given-twice/hash64").cases[
        :1
    ]
    assert result.verdict is Verdict.PASSED
