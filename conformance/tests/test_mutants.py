# SPDX-License-Identifier: GPL-2.0-only
"""The suite is believed because it is seen to fail: every mutant is caught by the rule that it names."""

from __future__ import annotations

import importlib
from types import ModuleType

import pytest
from mmu_gather_conformance import mutants, variants
from mmu_gather_conformance.check import check
from mmu_gather_conformance.ports import names_in
from mmu_gather_conformance.report import PortReport
from mmu_gather_conformance.verdict import Verdict
from mmu_gather_spec.events import AnyEvent
from mmu_gather_spec.rule import Binds, Level
from mmu_gather_spec.rules import RULES
from mmu_gather_spec.rules.walkers import RULES as WALKER_RULES

MUTANTS = names_in(mutants)
VARIANTS = names_in(variants)

#: MUST rules that bind a port and have no mutant, with the reason.
WITHOUT_MUTANT = {
    **{rule.id: "needs a walker, which no trace of a port alone holds" for rule in WALKER_RULES},
    "encoding.mask-of-ones": "the mask is a constant of the arch; a delta replaces functions",
    "configuration.provides-remove-table": "a port without the function is a protocol error before it runs",
}


def module_of(package: ModuleType, name: str) -> ModuleType:
    """The module of a mutant or variant."""
    return importlib.import_module(f"{package.__name__}.{name}")


def run(name: str, archs: tuple[str, ...] = (), rule: str = "*") -> PortReport:
    """A delta on its own archs, at the small capacity where it has one."""
    module = module_of(mutants, name)
    return check(f"mutant:{name}", archs=archs or getattr(module, "ARCHS", ("hash64",)), rule=rule)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_caught_by_the_rule_that_it_breaks(name: str) -> None:
    """Asked about its own rule alone, the suite says violated."""
    breaks: str = module_of(mutants, name).BREAKS
    assert run(name, rule=breaks).by_rule()[breaks] is Verdict.VIOLATED


def test_every_must_that_binds_a_port_has_a_mutant() -> None:
    """No rule goes unbroken without a reason."""
    broken = {module_of(mutants, name).BREAKS for name in MUTANTS}
    ours = {rule.id for rule in RULES.values() if rule.level is Level.MUST and rule.binds is Binds.PORT}
    assert ours - broken == set(WITHOUT_MUTANT) & ours
    assert not broken & set(WITHOUT_MUTANT)


def test_a_judge_that_finds_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its monitor broken, a mutant survives: the test above would fail."""
    rule = RULES["separation.waited-for-every-cpu"]

    def blind(state: object, event: AnyEvent) -> object:
        return state

    monkeypatch.setattr(rule.monitor, "step", blind)
    assert run("no_ipi_on_fallback", rule=rule.id).by_rule()[rule.id] is Verdict.PASSED


@pytest.mark.parametrize("name", VARIANTS)
def test_a_legal_variant_passes_everything(name: str) -> None:
    """Rules are not the reference's own trace in disguise."""
    report = check(f"variant:{name}", archs=("hash32", "hash64", "nohash"), keyword="small")
    bad = {case.id: case.found for case in report.cases if case.verdict not in (Verdict.PASSED, Verdict.AS_WRITTEN)}
    assert not bad


def test_there_are_at_least_eight_legal_variants() -> None:
    """Fewer would not show much."""
    assert len(VARIANTS) >= 8
