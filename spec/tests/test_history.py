# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The standings of a rule, as they are told: each with its eras, none left out."""

from __future__ import annotations

import itertools

import pytest
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.errata import in_order
from mmu_gather_spec.history import in_a_row, standings
from mmu_gather_spec.rule import Rule
from mmu_gather_spec.rules import RULES


def spelt(eras: str) -> list[str]:
    """Every era of such a text."""
    order = list(ERAS)
    ends = [part.split(" to ") for part in eras.split(", ")]
    return [era for end in ends for era in order[order.index(end[0]) : order.index(end[-1]) + 1]]


def test_eras_in_a_row_are_told_by_the_first_and_the_last() -> None:
    """One alone by its name, and nothing for none."""
    assert in_a_row(["v2.6.37", "rfc-2010", "v3.0", "v4.19", "v7.0"]) == "v2.6.37, rfc-2010 to v4.19, v7.0"
    assert in_a_row([]) == ""


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rules_standings_are_those_of_every_era_in_order(rule: Rule) -> None:
    """Neighbours that are told apart differ."""
    told = list(standings(rule))
    assert [(era, status) for status, eras in told for era in spelt(eras)] == [
        (era, rule.status_in(era)) for era in ERAS
    ]
    assert all(one != other for (one, _), (other, _) in itertools.pairwise(told))


def test_errata_stand_in_the_order_of_their_numbers() -> None:
    """And not of their letters."""
    assert in_order({"S13", "S2", "S20"}) == ["S2", "S13", "S20"]
