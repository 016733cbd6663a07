# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The law's own form: ids, sentences, statuses, and the rows of the notes that it covers."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from mmu_gather_spec.arch import ARCHS
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.errata import ERRATA, EXPLAINED
from mmu_gather_spec.rows import CHECKED_BY, OUTSIDE, rows
from mmu_gather_spec.rule import Rule, Standing
from mmu_gather_spec.rules import FAMILIES, MECHANISMS, RULES, family
from traces.alphabet import BOOT


def test_every_row_of_the_notes_is_a_rule_or_is_accounted_for() -> None:
    """There are 84, and each is in one place only."""
    ruled = {rule.row for rule in RULES.values()}
    assert len(rows()) == 84
    assert sorted([*ruled, *CHECKED_BY, *OUTSIDE]) == sorted(rows())
    assert {rule for rule, _ in CHECKED_BY.values()} <= set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rule_is_well_formed(rule: Rule) -> None:
    """A dotted id, one sentence, a source, a status in every era, known errata."""
    assert re.fullmatch(r"[a-z]+\.[a-z0-9-]+", rule.id)
    assert rule.sentence.endswith(".")
    assert rule.sources
    assert set(rule.status) == set(ERAS)
    for status in rule.status.values():
        assert bool(status.errata) == (status.standing is Standing.AS_WRITTEN)
        assert status.errata <= set(ERRATA)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_where_a_rule_applies_is_said_with_smp_and_with_up(rule: Rule) -> None:
    """Words that name SMP alone are of a rule that asks no machine of one CPU; and so the other way round."""
    asked = {
        smp
        for arch, era, smp in product(ARCHS.values(), ERAS, (True, False))
        for boot in (replace(BOOT, arch=arch.name, era=era, smp=smp, bits_per_long=arch.bits_per_long),)
        if rule.status_in(era).judges() and (rule.applies(boot) or rule.applies(replace(boot, book3e=True)))
    }
    said = {smp for smp, word in ((True, "SMP"), (False, "UP")) if re.search(rf"\b{word}\b", rule.where)}
    assert asked == (said or {True, False})


def test_the_seeds_defects_are_errata_or_explained() -> None:
    """S1 to S18, as the notes number them; later numbers are later eras'."""
    seed = {f"S{number}" for number in range(1, 19)}
    assert sorted([*(set(ERRATA) & seed), *EXPLAINED]) == sorted(seed)


def test_every_erratum_says_where_its_code_can_be_read() -> None:
    """In the seed, or by function and file."""
    assert [number for number, each in ERRATA.items() if bool(each.seed) == bool(each.code)] == []
    assert ERRATA["S6"].place.startswith("seed line ")
    assert all(re.match(r"\w+\(\), [\w/.-]+\.[ch]\b", each.code) for each in ERRATA.values() if each.code)


def test_every_erratum_is_some_rules() -> None:
    """A defect that breaks no rule is none."""
    named = {number for rule in RULES.values() for status in rule.status.values() for number in status.errata}
    assert named == set(ERRATA)


def test_every_mechanism_says_in_which_families_its_rules_are() -> None:
    """And each of them has some: what a mechanism does not name is not found."""
    found: dict[str, dict[str, None]] = {}
    for name in FAMILIES:
        for rule in family(name):
            found.setdefault(rule.mechanism, {})[name] = None
    assert {mechanism: tuple(names) for mechanism, names in found.items()} == MECHANISMS
    assert [RULES[rule].id for rule in RULES] == list(RULES)
    assert len(RULES) == len(set(RULES))


def test_no_id_that_was_ever_given_is_gone() -> None:
    """Ids are append-only: a rule may be superseded, its id stays."""
    given = json.loads((Path(__file__).parent / "rule_ids.json").read_text(encoding="utf-8"))
    assert list(RULES) == given
