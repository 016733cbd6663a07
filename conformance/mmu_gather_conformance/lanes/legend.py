# SPDX-License-Identifier: GPL-2.0-only
"""The foot of a drawing: what the colours and marks mean that occur in it, and what is not drawn."""

from __future__ import annotations

from collections.abc import Iterator

import drawsvg as draw  # type: ignore[import-untyped]  # it has no stubs

from mmu_gather_conformance.lanes.ink import cross, text
from mmu_gather_conformance.lanes.lives import Life
from mmu_gather_conformance.lanes.palette import LIVES
from mmu_gather_conformance.lanes.plan import MARGIN, Plan, across
from mmu_gather_conformance.lanes.spans import Kind


def legend(plan: Plan, width: int, y: int) -> tuple[draw.Group, int]:
    """What the colours and marks mean that occur, and what is not drawn; and the height below it."""
    group = draw.Group(class_="legend")
    x = MARGIN
    for sign, word in _signs(plan):
        length = 20 + across(len(word)) + 18
        if x + length > width:
            x, y = MARGIN, y + 20
        for element in sign:
            element.args["transform"] = f"translate({x} {y})"
            group.append(element)
        group.append(text(word, x + 20, y, "faint"))
        x += length
    for line in _left_out(plan):
        y += 20
        group.append(text(line, MARGIN, y, "faint"))
    return group, y


def _signs(plan: Plan) -> Iterator[tuple[list[draw.DrawingBasicElement], str]]:
    """What occurs in the drawing, each as it is drawn, at its place in the legend, and in a word."""
    kinds = {span.kind for span in plan.spans}
    if Kind.IRQS_OFF in kinds:
        shade = draw.Rectangle(0, -10, 14, 12, class_="irqs-off")
        yield [shade, draw.Rectangle(0, -10, 4, 12, class_="irqs-off-edge")], Kind.IRQS_OFF.value
    if Kind.PREEMPT_OFF in kinds:
        yield [draw.Line(6, -11, 6, 3, class_="preempt-off")], Kind.PREEMPT_OFF.value
    if Kind.GRACE_PERIOD in kinds:
        yield [draw.Rectangle(1, -10, 12, 12, rx=3, class_="grace-period")], Kind.GRACE_PERIOD.value
    if Kind.IPI in kinds:
        arrow = draw.Lines(2, -4, 10, -4, 6, 3, close=True, class_="ipi-arrow")
        yield [draw.Line(6, -11, 6, -4, class_="ipi"), arrow], Kind.IPI.value
    stages = {life for history in plan.tables.values() for _, life in history.changes}
    for life in [life for life in Life if life in stages]:
        yield [draw.Rectangle(0, -10, 14, 12, rx=2, class_=f"life {LIVES[life]}")], life.value
    if any(history.too_late for history in plan.tables.values()):
        yield [cross(7, -4)], "touched after it was freed"


def _left_out(plan: Plan) -> list[str]:
    """What is not in the drawing."""
    lines = []
    if plan.left_out:
        lines.append(f"{plan.left_out} earlier steps are not drawn")
    if plan.later:
        lines.append(f"{plan.later} later steps are not drawn")
    if plan.not_followed:
        lines.append(f"{plan.not_followed} more grace periods are not drawn")
    return lines
