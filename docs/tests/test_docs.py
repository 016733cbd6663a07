# SPDX-License-Identifier: GPL-2.0-only
"""The generated pages hold all that they should, once."""

from __future__ import annotations

import sys
from pathlib import Path

from mmu_gather_spec.errata import ERRATA
from mmu_gather_spec.rules import RULES

sys.path.insert(0, str(Path(__file__).parents[1] / "_ext"))

import rule_pages


def test_every_rule_has_one_anchor_on_the_page_of_its_mechanism() -> None:
    """No more and no less."""
    pages = rule_pages.pages()
    for rule in RULES.values():
        found = [name for name, text in pages.items() if f".. _{rule_pages.anchor(rule.id)}:" in text]
        assert found == [f"rules-{rule.mechanism}"]


def test_every_erratum_is_on_its_page_with_the_rules_that_it_breaks() -> None:
    """A number without a rule would be no erratum."""
    page = rule_pages.errata_page()
    for erratum in ERRATA.values():
        entry = page[page.index(f".. _erratum-{erratum.number}:") :].partition("\n.. _erratum")[0]
        assert ":ref:`" in entry
