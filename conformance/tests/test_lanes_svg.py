# SPDX-License-Identifier: GPL-2.0-only
"""The drawing of a trace, read as XML: what is in it, what it says to who cannot see it, and that it stays the same."""

from __future__ import annotations

import os
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from mmu_gather_conformance.lanes.lives import Life
from mmu_gather_conformance.lanes.palette import DARK, LIGHT, LIVES
from mmu_gather_conformance.lanes.plan import ROWS, TABLES
from mmu_gather_conformance.lanes.seed_lines import seed_lines
from mmu_gather_conformance.lanes.svg import svg
from mmu_gather_spec import events as ev
from mmu_gather_spec.rules import RULES

SVG = "{http://www.w3.org/2000/svg}"
RULE = RULES["walk.never-a-freed-table"]


def drawn(trace: ev.Trace, at: int) -> ElementTree.Element:
    """The drawing's root."""
    return ElementTree.fromstring(svg(trace, at, rule=RULE, steps=seed_lines(trace)))


def of_class(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """The elements that have a class, in the order of the text."""
    return [element for element in root.iter() if name in element.get("class", "").split()]


def texts(root: ElementTree.Element) -> list[str]:
    """All that is written."""
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def titles(root: ElementTree.Element) -> list[str]:
    """All hover texts."""
    return [element.text or "" for element in root.iter(f"{SVG}title")]


def test_the_head_has_the_rule_and_the_whole_has_words_for_who_cannot_see_it(three_cpus: ev.Trace) -> None:
    """A role, a title and a description."""
    root = drawn(three_cpus, 32)
    assert root.get("role") == "img"
    assert texts(root)[:3] == [RULE.id, RULE.sentence, "hash64, SMP, era rfc-2010, batches of 3"]
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert description is not None
    assert title.text == f"{RULE.id}: {RULE.sentence}"
    assert description.text == (
        "27 steps on 3 CPUs, time down. Step 32 offends: cpu1, use_mm, read an entry of t1 by an old pointer."
    )


def test_each_cpu_has_a_lane_and_each_step_stands_in_its_own(three_cpus: ev.Trace) -> None:
    """Time goes down: the dots of the steps are below each other, each inside the lane of its CPU."""
    root = drawn(three_cpus, 32)
    lanes = [(int(lane.get("x", "")), int(lane.get("width", ""))) for lane in of_class(root, "lane")]
    assert [text for text in texts(root) if text.startswith("cpu")] == ["cpu0", "cpu1", "cpu2"]
    events = of_class(root, "event")
    shown = [int(texts(event)[0]) for event in events]
    dots = [next(event.iter(f"{SVG}circle")) for event in events]
    heights = [int(dot.get("cy", "")) for dot in dots]
    assert heights == sorted(set(heights))
    for at, dot in zip(shown, dots, strict=True):
        x, width = lanes[three_cpus[at].cpu]
        assert x < int(dot.get("cx", "")) < x + width


def test_the_offending_step_is_marked_once(three_cpus: ev.Trace) -> None:
    """By a colour, by a sign and by weight."""
    root = drawn(three_cpus, 32)
    (offending,) = [event for event in of_class(root, "event") if "offending" in event.get("class", "")]
    assert texts(offending) == ["32", "read an entry of t1 by an old pointer"]
    assert (len(of_class(root, "offends")), texts(root).count("▶")) == (1, 1)


def test_spans_are_drawn_with_what_they_are(three_cpus: ev.Trace) -> None:
    """IRQs off shaded, a grace period, an IPI with an arrow for each CPU that it reaches."""
    root = drawn(three_cpus, 32)
    told = titles(root)
    assert "IRQs off: cpu1, gup_fast, from step 1 to step 18" in told
    assert "IRQs off: cpu1, use_mm, from step 31 to the end" in told
    assert "grace period of k0 (t1|7): cpu0, a, from step 9 to step 24" in told
    assert "IPI to cpu1, cpu2: cpu0, a, from step 15 to step 19" in told
    assert len(of_class(root, "region")) == 2
    (ipi,) = of_class(root, "ipis")
    assert len(of_class(ipi, "ipi-arrow")) == 2


def test_a_table_has_its_life_and_a_cross_where_it_is_touched_too_late(three_cpus: ev.Trace) -> None:
    """Each stage from where the one before it ends."""
    root = drawn(three_cpus, 32)
    (lives,) = of_class(root, "lives")
    assert titles(lives) == [
        "t0: linked from the start to step 11",
        "t0: unhooked from step 11 to step 21",
        "t0: freed from step 21",
        "t1: linked from the start to step 3",
        "t1: unhooked from step 3 to step 7",
        "t1: in a batch from step 7 to step 9",
        "t1: RCU's from step 9 to step 27",
        "t1: freed from step 27",
        "t1 was freed: step 32 comes too late",
    ]
    legend = texts(of_class(root, "legend")[0])
    assert legend == [
        "IRQs off", "grace period", "IPI", *(life.value for life in Life), "touched after it was freed"
    ]  # fmt: skip


def test_each_step_tells_all_of_itself_and_its_line_of_the_seed(three_cpus: ev.Trace) -> None:
    """Whoever hovers sees the whole event."""
    told = titles(drawn(three_cpus, 32))
    assert (
        "step 15, seed 374: cpu0, a: IPI to cpu1, cpu2 and wait\n"
        "SmpCallFunction(cpus={1, 2}, online={0, 1, 2}, wait=True, irqs_on=True)"
    ) in told


def test_the_end_can_offend_and_a_run_can_pass(three_cpus: ev.Trace) -> None:
    """Then no step is marked, and only where a rule is violated the end is."""
    end = drawn(three_cpus[:24], 24)
    assert "here the trace ends" in texts(end)
    assert (len(of_class(end, "offends")), len(of_class(end, "end"))) == (1, 0)
    passed = ElementTree.fromstring(svg(three_cpus[:24], 24, rule=None, steps={}))
    assert (len(of_class(passed, "offends")), len(of_class(passed, "end"))) == (0, 1)
    assert "seed" not in texts(passed)
    stuck = ElementTree.fromstring(svg(three_cpus[:16], 16, rule=None, steps={}, title="nobody can go on"))
    assert texts(stuck)[0] == titles(stuck)[0] == "nobody can go on"
    assert len(of_class(stuck, "offends")) == 1


def test_what_is_not_drawn_is_said(three_cpus: ev.Trace) -> None:
    """Steps behind the offending one, and all but the last ones of a long trace."""
    assert "12 later steps are not drawn" in texts(drawn(three_cpus, 17))
    long = tuple(ev.Unlink(0, "a", 0x10000000 + 0x1000 * i, 0) for i in range(ROWS + 50))
    root = drawn(long, len(long))
    assert "50 earlier steps are not drawn" in texts(root)
    assert len(of_class(root, "event")) == ROWS
    assert len(of_class(root, "table")) == TABLES


def test_the_text_depends_on_the_trace_alone(three_cpus: ev.Trace) -> None:
    """Another process with another hash seed draws the same."""
    program = (
        "from mmu_gather_spec import events as ev\n"
        "from mmu_gather_conformance.lanes.svg import svg\n"
        "boot = ev.Booted(0, 'a', 'hash64', 'x', True, 64, 1, True, False, 3, 15, frozenset('abcdefgh'), 0)\n"
        "print(svg((boot, ev.MmGet(1, 'b')), 0, rule=None, steps={}))"
    )
    drawings = set()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, check=True, encoding="utf-8", env=environment
        )
        drawings.add(done.stdout)
    assert len(drawings) == 1
    assert svg(three_cpus, 32, rule=RULE, steps={}) == svg(three_cpus, 32, rule=RULE, steps={})


def test_every_stage_and_every_dark_colour_has_a_light_one() -> None:
    """Dark only changes what there is, and colours nobody has to tell apart by hue alone have words beside them."""
    assert DARK.keys() <= LIGHT.keys()
    assert LIVES.keys() == set(Life)
    css = svg((ev.MmGet(0, "a"),), 1, rule=None, steps={})
    assert css.count("@media (prefers-color-scheme: dark)") == 1


@pytest.mark.parametrize("at", [0, 17, 32, 33])
def test_nothing_is_drawn_outside(three_cpus: ev.Trace, at: int) -> None:
    """Every text begins inside the drawing."""
    root = drawn(three_cpus, at)
    width, height = int(root.get("width", "")), int(root.get("height", ""))
    for element in root.iter(f"{SVG}text"):
        assert 0 < float(element.get("x", "")) < width
        assert 0 < float(element.get("y", "")) < height
