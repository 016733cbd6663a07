# SPDX-License-Identifier: GPL-2.0-only
"""The page of the errata: each is there, drawn from a run that can be repeated, with what its mending came to."""

from __future__ import annotations

import html
import re
from pathlib import Path

import drawings
import pytest
import rst
import rule_pages
from mmu_gather_conformance import defects, saved
from mmu_gather_conformance.defects import SHOWN
from mmu_gather_conformance.judge import judge
from mmu_gather_conformance.recorder import Run
from mmu_gather_conformance.replaying import repeat
from mmu_gather_conformance.verdict import Exit, Verdict
from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.errata import ERRATA
from mmu_gather_spec.history import mended_in
from mmu_gather_spec.record import replace
from mmu_gather_spec.rules import RULES

# One worker makes the pages.
pytestmark = pytest.mark.xdist_group("pages")


def entry_of(made: dict[str, str], number: str) -> str:
    """What the page says of an erratum."""
    page = made["errata.rst"]
    return page[page.index(rst.target("erratum", number)) :].partition("\n.. _erratum")[0]


def test_every_erratum_is_there_with_the_rules_that_are_as_written_because_of_it(made: dict[str, str]) -> None:
    """By their ids; each erratum has one at least."""
    for erratum in ERRATA.values():
        entry = entry_of(made, erratum.number)
        known = [rule.id for rule in RULES.values() for each in rule.status.values() if erratum.number in each.errata]
        assert known
        assert [rule for rule in known if rst.ref("rule", rule) not in entry] == []


def test_every_erratum_is_drawn_unless_it_is_about_what_is_built(made: dict[str, str]) -> None:
    """The drawing has words for who does not see it."""
    for number in ERRATA:
        entry = entry_of(made, number)
        if number == "S10":
            assert ":Drawn: no, since it is about what is built" in entry
            assert f"{number}.html" not in made
            continue
        assert rst.html(f"{number}.html").strip() in entry
        drawn = made[f"{number}.html"]
        words = ('role="img"', "<title>", "<desc>", "<pre>", "prefers-color-scheme: dark")
        assert [word for word in words if word not in drawn] == []


@pytest.mark.parametrize("number", SHOWN)
def test_the_last_step_of_a_drawing_is_the_rules_violation_with_that_number(number: str) -> None:
    """Its monitor finds nothing in what comes before that step."""
    drawing = drawings.drawings()[number]
    trace, at, rule = drawing.replayed.trace, drawing.replayed.at, drawing.replayed.rule
    assert rule is not None
    assert at == len(trace) - 1
    known = judge([Run((), 0, trace)], [rule], drawing.found.failure.era)[rule.id]
    assert known.violation is None
    assert known.known is not None
    assert (known.known.at, known.known.violation.erratum) == (at, number)
    before = judge([Run((), 0, trace[:-1])], [rule], drawing.found.failure.era)[rule.id]
    assert (before.violation, before.known) == (None, None)
    assert f"({number})" in drawing.replayed.verdicts[-1]


@pytest.mark.parametrize(
    ("number", "step"),
    [
        ("S11", "pgtable_page_dtor(t0)"),
        ("S14", "take the VMA off its reverse maps"),
        ("S15", "remove the rmap of p0"),
        ("S19", "tlb_flush(tlb)"),
    ],
)
def test_a_drawing_shows_the_step_that_the_defect_is(number: str, step: str, made: dict[str, str]) -> None:
    """And not only the one at which it does harm."""
    svg = made[f"{number}.html"].partition("</svg>")[0]
    assert f">{html.escape(step)}<" in svg


@pytest.mark.parametrize("number", SHOWN)
def test_the_file_that_is_offered_replays_to_the_step_that_is_drawn(
    number: str, made: dict[str, str], tmp_path: Path
) -> None:
    """It has the defect again, at the same step, in the era that the page names."""
    entry, file = entry_of(made, number), tmp_path / f"{number}.json"
    assert f":download:`{number}.json`" in entry
    file.write_text(made[f"{number}.json"], encoding="utf-8")
    failure = saved.load(file)
    again, drawn = repeat(failure, failure.port, in_process=True), drawings.drawings()[number].replayed
    assert again.exit == Exit.CONFORMS
    assert again.trace[: again.at + 1] == drawn.trace
    assert again.at == drawn.at
    assert f", at step {again.at}: " in entry
    assert (failure.era == DEFAULT_ERA) == (f" of ``{failure.era}``, at step" not in entry)


@pytest.mark.parametrize("number", SHOWN)
def test_what_is_said_of_the_era_that_mended_an_erratum_is_what_its_run_came_to(
    number: str, made: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With another result the page says something else."""
    era, rule, entry = mended_in(number), rst.ref("rule", SHOWN[number].rule), entry_of(made, number)
    if era is None:
        assert ":Mended: not yet\n" in entry
        return
    assert re.search(rf":Mended: in ``{re.escape(era)}``, which in .* keeps {re.escape(rule)}", entry)
    result = defects.mended(number)
    assert result is not None
    broken = replace(result, rules={SHOWN[number].rule: Verdict.VIOLATED})
    monkeypatch.setattr(defects, "mended", lambda number: broken)
    assert f"violated: {rule}" in rule_pages.erratum_entry(ERRATA[number])
