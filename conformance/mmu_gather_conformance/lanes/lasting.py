# SPDX-License-Identifier: GPL-2.0-only
"""What lasts in a drawing: IRQs and preemption off, grace periods, and IPIs that are on their way.

Each is drawn from the step that begins it to the step that ends it, or to the end of the drawing where nothing does,
and has a hover text that says so.  A single step has no place here, nor has a table's life: these are `svg`'s.
"""

from __future__ import annotations

import drawsvg as draw  # type: ignore[import-untyped]  # it has no stubs

from mmu_gather_conformance.lanes.ink import told, upright
from mmu_gather_conformance.lanes.plan import GAP, GUTTER, Plan
from mmu_gather_conformance.lanes.spans import Kind, Span


def regions(plan: Plan) -> draw.Group:
    """IRQs off as shade, preemption off as a dashed edge."""
    group = draw.Group(class_="regions")
    for span in plan.spans:
        lane = plan.lanes[span.cpu]
        if span.kind is Kind.PREEMPT_OFF:
            top, bottom = plan.extent(span)
            line = draw.Line(lane.x + 2, top, lane.x + 2, bottom, class_="preempt-off")
            group.append(told(line, _lasting(span, "preemption off")))
        if span.kind is Kind.IRQS_OFF:
            top, bottom = plan.extent(span)
            shade = draw.Group(class_="region")
            shade.append(draw.Title(_lasting(span, "IRQs off")))
            shade.append(draw.Rectangle(lane.x, top, lane.width, bottom - top, class_="irqs-off"))
            shade.append(draw.Rectangle(lane.x, top, 4, bottom - top, class_="irqs-off-edge"))
            shade.append(upright("IRQs off", lane.end - 6, top, bottom, "irqs-off-word"))
            group.append(shade)
    return group


def grace_periods(plan: Plan) -> draw.Group:
    """A bar for each, tied to the steps that begin and end it."""
    group = draw.Group(class_="grace-periods")
    for column, slot in zip(plan.bars, plan.slots, strict=True):
        for span in slot:
            first, last = plan.row(span.first), plan.row(span.last) if span.last is not None else None
            top = first.middle if first else plan.top
            bottom = last.middle if last else plan.bottom
            bar = draw.Group(class_="span")
            tables = plan.names.several(span.tables) or "no table"
            bar.append(draw.Title(_lasting(span, f"grace period of {plan.names.of(span.head)} ({tables})")))
            for row in (first, last):
                if row is not None:
                    end = plan.lanes[plan.trace[row.i].cpu].x + GUTTER - 14
                    bar.append(draw.Line(column.x + 6, row.middle, end, row.middle, class_="grace-period-ends"))
            bar.append(draw.Rectangle(column.x, top, 12, max(bottom - top, 2), rx=3, class_="grace-period"))
            bar.append(upright("grace period", column.x + 10, top, bottom, "life-word"))
            group.append(bar)
    return group


def ipis(plan: Plan) -> draw.Group:
    """From the row of the call to each handler; the sender's edge is thick until the last has run."""
    group = draw.Group(class_="ipis")
    for span in plan.spans:
        if span.kind is not Kind.IPI:
            continue
        sent = plan.row(span.first)
        start = sent.bottom - GAP // 2 if sent else plan.top
        arrows = draw.Group(class_="span")
        targets = ", ".join(f"cpu{cpu}" for cpu in sorted(span.cpus))
        arrows.append(draw.Title(_lasting(span, f"IPI to {targets}")))
        acks = dict(span.acks)
        ends = plan.bottom if span.last is None else plan.height_of(span.last)
        for cpu in sorted(span.cpus & set(plan.cpus)):
            row = plan.row(acks[cpu]) if cpu in acks else None
            stop = row.middle if row else ends
            x, source = plan.lanes[cpu].x + 11, plan.lanes[span.cpu]
            begin = source.end if cpu > span.cpu else source.x
            if sent:
                arrows.append(draw.Lines(begin, start, x, start, class_="ipi"))
            arrows.append(draw.Line(x, start, x, stop, class_="ipi-pending"))
            if row:
                arrows.append(draw.Lines(x - 4, stop - 6, x + 4, stop - 6, x, stop + 1, close=True, class_="ipi-arrow"))
        edge = plan.lanes[span.cpu].end - 1
        arrows.append(draw.Line(edge, start, edge, ends, class_="ipi"))
        group.append(arrows)
    return group


def _lasting(span: Span, what: str) -> str:
    """A span as a hover text."""
    until = f"to step {span.last}" if span.last is not None else "to the end"
    return f"{what}: cpu{span.cpu}, {span.agent}, from step {span.first} {until}"
