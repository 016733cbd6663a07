# SPDX-License-Identifier: GPL-2.0-only
"""The pictures say what the runs say, to who sees them and to who does not."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import batch_picture
import life_picture
import path_picture
import pictures
import pytest
import runs_shown
from mmu_gather_conformance.lanes.lives import Life
from mmu_gather_spec import events as ev

SVG = "{http://www.w3.org/2000/svg}"


def root(markup: str) -> ElementTree.Element:
    """The drawing in a picture's markup."""
    found = re.search(r"<svg.*?</svg>", markup, re.DOTALL)
    assert found
    return ElementTree.fromstring(found[0])


@pytest.mark.parametrize("name", ["life-of-a-table.html", "batch-filling.html", "path-of-the-data.html"])
def test_a_picture_has_words_and_colours_for_both_themes_and_stays_inside_itself(name: str) -> None:
    markup = pictures.files()[name]
    drawn = root(markup)
    assert drawn.get("role") == "img"
    title, description = drawn.findtext(f"{SVG}title"), drawn.findtext(f"{SVG}desc")
    assert title
    assert description
    assert description.splitlines()[-1] in markup.rpartition("<pre>")[2].replace("&gt;", ">").replace("&#x27;", "'")
    assert "prefers-color-scheme: dark" in markup
    width, height = int(drawn.get("width", "")), int(drawn.get("height", ""))
    for each in drawn.iter(f"{SVG}text"):
        assert 0 < float(each.get("x", "")) < width
        assert 0 < float(each.get("y", "")) < height


def test_the_life_of_a_table_has_the_ways_that_runs_took_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """No correct table leaves the last stage, and none is freed out of the tables."""
    found = life_picture.ways()
    pairs = {(way.begin, way.end) for way in found}
    straight = [(Life.LINKED, Life.UNHOOKED), (Life.UNHOOKED, Life.BATCHED), (Life.BATCHED, Life.RCU)]
    assert pairs >= {*straight, (Life.RCU, Life.FREED), (Life.UNHOOKED, Life.FREED)}
    assert Life.FREED not in {begin for begin, _ in pairs}
    assert (Life.LINKED, Life.FREED) not in pairs
    whys = {way.why for way in found if way.begin is Life.UNHOOKED and way.end is Life.FREED}
    assert whys >= {"no page for a batch: after an IPI", "at once: mm_users is below two", "at once: there is one CPU"}
    fewer = [(case, recording) for case, recording in runs_shown.recordings() if case.config.arch == "ipi"]
    monkeypatch.setattr(life_picture, "recordings", lambda: tuple(fewer))
    assert not {way.end for way in life_picture.ways()} & {Life.RCU}


def test_a_batch_fills_up_to_its_last_slot_and_is_submitted_whole() -> None:
    _, trace = batch_picture.trace()
    boot = next(event for event in trace if isinstance(event, ev.Booted))
    submitted = [event for event in trace if isinstance(event, ev.CallRcu)]
    assert len(submitted[0].tables) == boot.max_table_batch
    drawn = root(batch_picture.markup())
    told = [each.text or "" for each in drawn.iter(f"{SVG}title")]
    assert [f"t{place} is freed" in told for place in range(boot.max_table_batch)] == [True] * boot.max_table_batch


def test_the_path_of_the_data_has_the_numbers_of_its_run() -> None:
    numbers = path_picture.numbers()
    assert all(numbers.values())
    assert numbers["cases"] + numbers["litmus tests"] == len(path_picture.run().declared)
    drawn = "".join(root(path_picture.markup()).itertext())
    assert [name for name in ("cases", "runs", "effects", "states") if f"{numbers[name]} {name}" not in drawn] == []
