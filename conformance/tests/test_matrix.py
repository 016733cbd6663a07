# SPDX-License-Identifier: GPL-2.0-only
"""The matrix: no empty row, nothing that survives, and a suite that has gone blind is seen to have."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Final

import pytest
from click.testing import CliRunner
from mmu_gather_conformance.cli import cli
from mmu_gather_conformance.falsify import matrix_words
from mmu_gather_conformance.falsify.breakers import Breaker, Kind, breakers, musts, of_mutant
from mmu_gather_conformance.falsify.fate import Fate
from mmu_gather_conformance.falsify.legal import LEGAL
from mmu_gather_conformance.falsify.matrix import Cell, Matrix, column, matrix, tally
from mmu_gather_spec.events import AnyEvent
from mmu_gather_spec.rules import RULES

#: A few that are quick, one of each kind.
FEW: Final = tuple(
    next(breaker for breaker in breakers() if breaker.kind is kind and breaker.name != "no_ipi_on_fallback")
    for kind in Kind
)
NO_IPI: Final = of_mutant("no_ipi_on_fallback")


@pytest.fixture(scope="module")
def few() -> Matrix:
    """The matrix of a few."""
    return matrix((*FEW, NO_IPI))


@pytest.mark.parametrize(
    "breaker",
    [each for each in breakers() if each.kind is not Kind.MUTANT],
    ids=lambda each: f"{each.name}-{each.rule}",
)
def test_what_is_no_mutant_is_caught_as_well(breaker: Breaker) -> None:
    """Callers and walkers at fault, what an era is known for, and a function that is missing."""
    assert column(breaker).caught


def test_no_row_is_empty() -> None:
    """Something breaks every rule that is a MUST."""
    assert {rule.id for rule in musts()} == {breaker.rule for breaker in breakers()}


def test_a_rule_without_anything_to_break_it_is_told(few: Matrix) -> None:
    """Its row says so, and the matrix is not good."""
    assert "walk.never-a-freed-table" in few.empty_rows()
    assert not few.good()
    assert any(
        line.split() == ["walk.never-a-freed-table", "nothing", "breaks", "it"] for line in matrix_words.lines(few)
    )


def test_a_mutant_is_caught_by_the_rule_that_it_names_and_by_which_first(few: Matrix) -> None:
    """Its own rule speaks first, or it is said which does."""
    assert few.columns[-1].cells["separation.waited-for-every-cpu"] is Cell.CAUGHT
    wrong = column(of_mutant("table_lost_without_memory"))
    assert (wrong.cells[wrong.breaker.rule], wrong.first) == (Cell.LATER, "order.nothing-kept-by-a-flush")


def test_a_judge_that_finds_nothing_leaves_survivors(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checker that returns its state whatever happens: the matrix says which mutant gets through."""

    def blind(state: object, event: AnyEvent) -> object:
        return state

    monkeypatch.setattr(RULES["separation.waited-for-every-cpu"].monitor, "step", blind)
    seen = matrix((NO_IPI,))
    assert [each.breaker for each in seen.missed()] == [NO_IPI]
    assert not seen.good()
    assert "survives: mutant:no_ipi_on_fallback in flush-between/hash64" in matrix_words.closing(seen)


def test_every_judge_that_finds_nothing_leaves_survivors(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them at once."""
    for rule in RULES.values():
        monkeypatch.setattr(rule.monitor, "step", lambda state, event: state)
        monkeypatch.setattr(rule.monitor, "finish", lambda state: None)
    ported = [each for each in FEW if each.kind is Kind.MUTANT]
    assert len(matrix((*ported, NO_IPI)).missed()) == len(ported) + 1


def test_the_three_forms_say_the_same(few: Matrix) -> None:
    """A line, a row of the document, and a cell for each wrong thing."""
    document = json.loads(matrix_words.as_json(few))
    assert list(document)[-1] == "complete"
    broken = {(row["rule"], each["port"], each["case"]) for row in document["rules"] for each in row["broken_by"]}
    assert broken == {(each.rule, each.port, each.case) for each in (*FEW, NO_IPI)}
    assert len(document["rules"]) == len(musts())
    cells = re.findall(r'<td class="(\w+)"', matrix_words.as_html(few))
    assert len(cells) == sum(len(each.cells) for each in few.columns)
    shown = [line for line in matrix_words.lines(few) if re.search(r" [●◐✗] ", line)]
    assert len(shown) == len(few.columns)


def test_the_page_stands_by_itself(few: Matrix) -> None:
    """Well nested, and nothing in it is fetched from elsewhere."""
    page = matrix_words.as_html(few)
    assert not re.findall(r"(?:src|href)=", page)
    depth: list[str] = []

    class Nesting(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag != "meta":
                depth.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert depth.pop() == tag

    Nesting().feed(page)
    assert depth == []


def test_survivors_and_a_stale_list_are_told() -> None:
    """Of the automatic mutants."""
    legal = next(iter(LEGAL))
    counted = tally([("a.b.drop-1", Fate.DIFFERS), ("a.b.drop-2", Fate.CAUGHT), (legal, Fate.EQUIVALENT)])
    assert (counted.survivors, counted.stale, counted.kill_rate()) == (["a.b.drop-1"], [legal], 0.5)
    assert not Matrix("", automatic=counted).good()
    said = list(matrix_words.counted(counted))
    assert said[1:] == ["survives: automatic:a.b.drop-1", f"listed as legal, and is not: automatic:{legal}"]


def test_the_command_says_that_all_is_well() -> None:
    """Every rule, everything that is wrong, and exit code 0."""
    done = CliRunner().invoke(cli, ["matrix", "--jobs", "1"])
    assert done.exit_code == 0, done.output
    assert done.output.rstrip().endswith("0 not caught")
