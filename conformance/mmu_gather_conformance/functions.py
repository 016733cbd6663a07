# SPDX-License-Identifier: GPL-2.0-only
"""A function of the kernel API in words: its prototypes, the eras that have it, and the rules that bind it."""

from __future__ import annotations

import inspect

from mmu_gather_spec.bound import rules_binding
from mmu_gather_spec.contract import CONTRACT_ERAS, Contract, contract_of
from mmu_gather_spec.eras import DEFAULT_ERA, ERAS
from mmu_gather_spec.history import in_a_row
from mmu_gather_spec.rules import RULES

from mmu_gather_conformance.c_header import prototype
from mmu_gather_conformance.era_diff import words
from mmu_gather_conformance.static.headers import shown
from mmu_gather_conformance.static.wanted import constant, wanted


def known() -> list[str]:
    """The functions and constants of all eras."""
    contracts = [contract_of(era) for era in CONTRACT_ERAS]
    return list(dict.fromkeys(name for of in contracts for name in (*of.functions, *of.constants)))


def describe(name: str, era: str | None = None, /) -> str | None:
    """A function in words; None if no era, or not this one, has it.

    era: which contract; the default era's if that has it, otherwise the first that does.
    """
    contracts = [contract_of(each) for each in CONTRACT_ERAS]
    having = [of for of in contracts if name in of.functions or name in of.constants]
    chosen = [of for of in having if of.era == era] if era else sorted(having, key=lambda of: of.era != DEFAULT_ERA)
    if not chosen:
        return None
    of = chosen[0]
    lines = [name, "", *_declarations(of, name), "", *_text(of, name), ""]
    lines.append(f"in the contract of {in_a_row(each.era for each in having)}; shown as of {of.era}")
    binding = rules_binding(name, RULES, of.era)
    if binding:
        lines += ["rules that bind it:", *(f"  {rule.id:36} {_standing(rule.id, of.era)}".rstrip() for rule in binding)]
    return "\n".join(lines)


def _declarations(of: Contract, name: str) -> list[str]:
    if name in of.constants:
        return [f"C:       an integer, {name}", f"Python:  {constant(name).text}"]
    return [f"C:       {shown(prototype(name, of.era))}", f"Python:  {wanted(of, name).text}"]


def _text(of: Contract, name: str) -> list[str]:
    documented = of.documented(name)
    return (inspect.getdoc(documented) or "").splitlines()


def _standing(rule: str, era: str) -> str:
    """What a rule is in an era, where that is known."""
    return words(RULES[rule].status_in(era)) if era in ERAS else ""
