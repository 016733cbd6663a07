# SPDX-License-Identifier: GPL-2.0-only
"""Editions: no rule changes unseen."""

from __future__ import annotations

import editions
import msgspec
from mmu_gather_spec import EDITION
from mmu_gather_spec.record import replace
from mmu_gather_spec.rules import RULES

RULE = next(iter(RULES.values()))


def test_every_rule_says_what_this_edition_says() -> None:
    """If this fails: `python docs/_ext/editions.py`, and read the difference."""
    assert editions.published()[EDITION] == {rule.id: editions.normative(rule) for rule in RULES.values()}


def test_a_checksum_changes_when_the_rule_does() -> None:
    """And with nothing else."""
    assert editions.checksum(replace(RULE, sentence="Something else.")) != editions.checksum(RULE)
    assert editions.checksum(replace(RULE, where="nowhere")) != editions.checksum(RULE)
    assert editions.checksum(replace(RULE, sources=(), row="Z9")) == editions.checksum(RULE)
    assert len({editions.checksum(rule) for rule in RULES.values()}) == len(RULES)


def test_the_history_of_a_rule_tells_what_changed() -> None:
    """Of one that changed, and of one that did not."""
    said = editions.Normative("MUST", "port", "SMP", "Old.")
    new = msgspec.structs.replace(said, sentence="New.")
    told = {"1.1": {"a.b": said}, "1.2": {"a.b": new, "a.c": new}, "1.3": {"a.b": new, "a.c": new}}
    assert editions.history("a.b", told) == ["edition 1.1: given", "edition 1.2: sentence was “Old.”"]
    assert editions.history("a.c", told) == ["edition 1.2: given"]
    assert editions.history("a.d", told) == []
