# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Which functions a rule binds: only such as there are, and every rule some."""

from __future__ import annotations

import pytest
from mmu_gather_spec.bound import BY_MECHANISM, BY_RULE, functions_bound, rules_binding
from mmu_gather_spec.contract import CONTRACT_ERAS, contract_of
from mmu_gather_spec.rule import Binds, Rule
from mmu_gather_spec.rules import MECHANISMS, RULES


def test_every_name_is_a_function_or_a_constant_of_some_era() -> None:
    """A name that is misspelled binds nobody."""
    known = {name for era in CONTRACT_ERAS for name in (*contract_of(era).functions, *contract_of(era).constants)}
    assert {name for names in (*BY_MECHANISM.values(), *BY_RULE.values()) for name in names} <= known


def test_every_mechanism_binds_somebody_and_every_exception_is_of_a_rule_that_there_is() -> None:
    """Both tables are about the rules as they are."""
    assert BY_MECHANISM.keys() == MECHANISMS.keys()
    assert BY_RULE.keys() <= RULES.keys()


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rule_binds_the_functions_that_its_sentence_names(rule: Rule) -> None:
    """And at least one, unless it is for walkers, or for what an era does not have: then it is no law there."""
    for era in CONTRACT_ERAS:
        bound = functions_bound(rule, era)
        without = era in ("v2.6.37", "rfc-2010-base") or not rule.status_in(era).judges()
        assert bool(bound) == (rule.binds is not Binds.WALKER) or without, era
        assert {name for name in contract_of(era).functions if f" {name}()" in f" {rule.sentence}"} <= set(bound)


@pytest.mark.parametrize("era", CONTRACT_ERAS)
def test_every_function_of_an_era_is_bound_by_a_rule(era: str) -> None:
    """A function of which nothing is asked need not be there."""
    of = contract_of(era)
    for name in (*of.functions, *of.constants):
        assert rules_binding(name, RULES, era), name
