# SPDX-License-Identifier: GPL-2.0-only
"""The generated pages hold all that they should, once; the others name nothing that is not there."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from mmu_gather_conformance.cli import cli
from mmu_gather_conformance.names import LISTS
from mmu_gather_conformance.scenarios import SCENARIOS
from mmu_gather_conformance.verdict import Verdict
from mmu_gather_spec.contract import ARCH_HALF, GENERIC_HALF, HASH64_HALF
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.errata import ERRATA
from mmu_gather_spec.rules import RULES

DOCS = Path(__file__).parents[1]
sys.path.insert(0, str(DOCS / "_ext"))

import pages  # noqa: E402 - the path has to be set first
import rst  # noqa: E402

WRITTEN = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.rst")}


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages.pages()


def holders(made: dict[str, str], text: str) -> list[str]:
    """The pages that hold a text, once for each time that they hold it."""
    return [name for name, page in made.items() for _ in range(page.count(text))]


def test_every_rule_is_on_the_page_of_its_mechanism_and_nowhere_else(made: dict[str, str]) -> None:
    for rule in RULES.values():
        assert holders(made, rst.target("rule", rule.id)) == [f"rules-{rule.mechanism}.rst"]
        assert holders(made, rst.title(rule.id, "-")) == [f"rules-{rule.mechanism}.rst"]


def test_a_rule_says_whom_it_binds_where_it_can_be_read_who_checks_it_and_what_breaks_it(
    made: dict[str, str],
) -> None:
    for rule in RULES.values():
        page = made[f"rules-{rule.mechanism}.rst"]
        entry = page[page.index(rst.target("rule", rule.id)) :].partition("\n.. _")[0]
        asked = ("Binds", "Where", "Status", "Evidence", "Source", "Monitor", "Broken by")
        assert [name for name in asked if f"\n:{name}:" not in entry] == []
        assert [era for era in ERAS if f"``{era}``: " not in entry] == []


def test_every_erratum_is_there_with_the_rules_that_are_as_written_because_of_it(made: dict[str, str]) -> None:
    page = made["errata.rst"]
    for erratum in ERRATA.values():
        entry = page[page.index(rst.target("erratum", erratum.number)) :].partition("\n.. _erratum")[0]
        known = [rule.id for rule in RULES.values() for each in rule.status.values() if erratum.number in each.errata]
        assert known
        assert [rule for rule in known if rst.ref("rule", rule) not in entry] == []


def test_every_function_mutant_variant_scenario_and_verdict_is_there_once(made: dict[str, str]) -> None:
    for name in (*GENERIC_HALF, *ARCH_HALF, *HASH64_HALF):
        assert holders(made, rst.target("api", name)) == ["api.rst"]
    for kind in ("mutants", "variants"):
        for name, _ in LISTS[kind]():
            assert holders(made, rst.target("port", name)) == ["mutants.rst"]
    for name in SCENARIOS:
        assert made["scenarios.rst"].count(f"\n``{name}``\n") == 1
    for verdict in Verdict:
        assert made["verdicts.inc"].count(f"``{verdict.value}``") == 1


def test_the_violation_that_is_explained_shows_what_the_text_speaks_of(made: dict[str, str]) -> None:
    shown = made["violation.inc"]
    assert "violated: port: batch.submitted-when-full" in shown
    assert [word for word in ("\n     >", "law: ", "replay: ", "t2", "(tlb") if word not in shown] == []


def test_names_in_a_sentence_are_marked_as_code() -> None:
    text = "`*p` in mm/memory.c and tlb_*.c: tlb_flush(), __tlb_remove_table, tlb->batch, _tlbia(x); once and/or twice."
    assert rst.inline(text) == (
        "``*p`` in ``mm/memory.c`` and ``tlb_*.c``: ``tlb_flush()``, ``__tlb_remove_table``, tlb->batch, "
        "``_tlbia``(x); once and/or twice."
    )


def test_pages_that_are_not_made_any_more_are_removed(tmp_path: Path, made: dict[str, str]) -> None:
    (tmp_path / "rules-gone.rst").write_text("old", encoding="utf-8")
    pages.write(tmp_path)
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == made


def test_every_command_and_option_that_the_guides_name_exists() -> None:
    text = "\n".join(WRITTEN.values())
    named = set(re.findall(r"(?:mmu-gather|conformance\.cli) ([a-z-]+)", text))
    options = {name for command in cli.commands.values() for each in command.params for name in each.opts}
    assert named
    assert named <= set(cli.commands)
    theirs = {"--args", "--strict"}  # gdb's, and mypy's
    assert set(re.findall(r"(?<!\S|\w)(?:``)?(--[a-z][a-z-]+)", text)) - theirs <= options


def test_every_page_begins_with_its_licence(made: dict[str, str]) -> None:
    for name, text in {**WRITTEN, **made}.items():
        assert name.endswith(".inc") or text.startswith(rst.SPDX), name
