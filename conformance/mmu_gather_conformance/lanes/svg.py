# SPDX-License-Identifier: GPL-2.0-only
"""A trace as a drawing: what `terminal` says in rows of text, for eyes.

Time goes down and every CPU has its lane.  Shaded: IRQs off.  A bar on the left: a grace period, from call_rcu until
it lets the callback run.  Arrows: an IPI, on its way until the handler has run.  On the right each table's
life, from linked to freed, and a cross where somebody touched it afterwards.  The offending step is marked over
the whole width.  Every mark has a hover text; the whole has a title and a description for who does not see it.

The text of a drawing depends on the trace alone, so that two of them can be compared.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import drawsvg as draw  # type: ignore[import-untyped]  # it has no stubs
from mmu_gather_spec import events as ev
from mmu_gather_spec.rule import Rule

from mmu_gather_conformance.lanes.describe import describe, whole
from mmu_gather_conformance.lanes.ink import cross, text, told, upright
from mmu_gather_conformance.lanes.lasting import grace_periods, ipis, regions
from mmu_gather_conformance.lanes.legend import legend
from mmu_gather_conformance.lanes.lives import History
from mmu_gather_conformance.lanes.palette import LIVES, ROOT, css
from mmu_gather_conformance.lanes.plan import GUTTER, LINE, MARGIN, STEP, Plan, Row, across

#: Width of the head's text, in characters.
HEAD: Final = 96
#: The title where nothing is wrong.
RUN: Final = "a run, step by step"
#: Height of the mark behind the last step.
END: Final = 28

#: The class of a dot, for events that are more than a step of the gather.
DOTS: Final[dict[str, tuple[type[ev.Event], ...]]] = {
    "walk": (ev.WalkBegin, ev.WalkEntry, ev.WalkLoad, ev.WalkPte, ev.WalkPin, ev.WalkLock, ev.WalkEnd, ev.CacheEntry,
             ev.CacheMiss, ev.HardwareLoad, ev.TlbFill, ev.HashFill, ev.Access, ev.AccessFault,
             ev.FindMapping),
    "rcu": (ev.CallRcu, ev.GracePeriod, ev.CallbackBegin, ev.CallbackEnd),
    "ipi-dot": (ev.SmpCallFunction, ev.IpiAck),
    "free": (ev.FreePage, ev.KmemCacheFree, ev.FreePages),
}  # fmt: skip


def svg(
    trace: Sequence[ev.AnyEvent],
    at: int,
    /,
    *,
    rule: Rule | None,
    steps: Mapping[int, str],
    title: str = "",
    style: bool = True,
) -> str:
    """The drawing of a trace up to event `at`, which offends `rule`.

    at: len(trace) where it is the end that offends.  steps: for an event the line of the seed that it is.
    title: what is wrong where no rule says it, such as that nobody can go on.  style: whether it has its own; a
    page that takes in many brings one for all.  Each row says in `data-` attributes which step it is, and where.
    """
    head = _head(trace, rule)
    plan = Plan(trace, at, MARGIN + 22 + 18 * len(head) + 34, seeded=bool(steps))
    width = max(plan.width, 2 * MARGIN + 8 * max(map(len, head), default=0))
    foot, bottom = legend(plan, width, plan.bottom + (END if at >= len(trace) else 0) + 24)
    height = bottom + MARGIN
    drawing = draw.Drawing(width, height, id_prefix="lanes", role="img", class_=ROOT)
    if style:
        drawing.append_css(css())
    drawing.append_title(_title(rule, title))
    drawing.append(draw.Raw(f"<desc>{_escaped(_description(plan, wrong=bool(rule or title)))}</desc>"))
    drawing.append(draw.Rectangle(0, 0, width, height, class_="paper"))
    drawing.append(_heading(rule.id if rule else title or RUN, head))
    for part in (
        _columns(plan),
        _offence(plan, width, wrong=bool(rule or title)),
        regions(plan),
        grace_periods(plan),
        ipis(plan),
    ):
        drawing.append(part)
    drawing.append(_events(plan, steps))
    drawing.append(_lives(plan))
    drawing.append(foot)
    return str(drawing.as_svg()) + "\n"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


# --- the head ------------------------------------------------------------------


def _title(rule: Rule | None, title: str) -> str:
    return f"{rule.id}: {rule.sentence}" if rule else title or RUN


def _description(plan: Plan, *, wrong: bool) -> str:
    """The drawing in words: how many steps, and which one offends."""
    said = f"{len(plan.shown)} steps on {len(plan.cpus)} CPU{'s' if len(plan.cpus) > 1 else ''}, time down."
    if plan.at < len(plan.trace):
        event = plan.trace[plan.at]
        return f"{said} Step {plan.at} offends: cpu{event.cpu}, {event.agent}, {describe(event, plan.names)}."
    return f"{said} It is the end that offends: something has not happened." if wrong else said


def _head(trace: Sequence[ev.AnyEvent], rule: Rule | None) -> list[str]:
    """The lines below the title: the rule's sentence, and the machine."""
    lines = textwrap.wrap(rule.sentence, HEAD) if rule else []
    if trace and isinstance(trace[0], ev.Booted):
        boot = trace[0]
        batch = f", batches of {boot.max_table_batch}" if boot.max_table_batch else ""
        lines.append(f"{boot.arch}, {'SMP' if boot.smp else 'UP'}, era {boot.era}{batch}")
    return lines


def _heading(title: str, head: list[str]) -> draw.Group:
    group = draw.Group(class_="heading")
    group.append(text(title, MARGIN, MARGIN + 14, "head", 16))
    for place, line in enumerate(head):
        last = place == len(head) - 1
        group.append(text(line, MARGIN, MARGIN + 36 + 18 * place, "faint" if last else "", 13))
    return group


# --- columns -------------------------------------------------------------------------


def _columns(plan: Plan) -> draw.Group:
    """The lanes, and what each column is."""
    group = draw.Group(class_="columns")
    y = plan.top - 12
    group.append(text("step", MARGIN + STEP - 12, y, "faint", text_anchor="end"))
    if plan.seed.width:
        group.append(text("seed", plan.seed.x, y, "faint"))
    if plan.bars:
        group.append(text("RCU", plan.bars[0].x - 4, y, "faint", 10))
    for cpu, lane in plan.lanes.items():
        height = plan.bottom - plan.top + 8
        group.append(draw.Rectangle(lane.x, plan.top - 4, lane.width, height, rx=4, class_="lane"))
        group.append(text(f"cpu{cpu}", lane.x + GUTTER, y, "head", 13))
    for table, column in plan.lives.items():
        centre = column.x + column.width // 2
        group.append(text(plan.names.of(table), centre, y, "head", text_anchor="middle"))
    return group


def _offence(plan: Plan, width: int, *, wrong: bool) -> draw.Group:
    """The offending step, over the whole width; the end of the trace, where that offends."""
    row = plan.row(plan.at)
    if row is None and plan.at < len(plan.trace):
        return draw.Group(class_="offence")
    top = row.top if row else plan.bottom + 8
    height = row.bottom - row.top if row else END - 6
    place = {} if row else _place(plan.at, top, top + height)
    group = draw.Group(class_="offence", **place)
    offends = row is not None or wrong
    box = MARGIN // 2, top, width - MARGIN, height
    group.append(draw.Rectangle(*box, rx=3, class_="offends" if offends else "end"))
    if offends:
        group.append(draw.Rectangle(MARGIN // 2, top, 4, height, class_="offends-edge"))
        group.append(text("▶", MARGIN, row.middle + 4 if row else top + 15, "sign"))
    if row is None:
        group.append(text("here the trace ends", MARGIN + STEP, top + 15, "faint"))
    return group


def _place(step: int, top: int, bottom: int) -> dict[str, int]:
    """Which step something is, and from which height to which: for who goes through a drawing step by step."""
    return {"data-step": step, "data-top": top, "data-bottom": bottom}


# --- events and tables --------------------------------------------------------------


def _events(plan: Plan, steps: Mapping[int, str]) -> draw.Group:
    """The rows."""
    group = draw.Group(class_="events")
    for row in plan.rows:
        group.append(_event(plan, row, steps.get(row.i, "")))
    return group


def _event(plan: Plan, row: Row, seed: str) -> draw.Group:
    """One row: its number, its line of the seed, its dot and its text."""
    event = plan.trace[row.i]
    offends = row.i == plan.at
    lane = plan.lanes[event.cpu]
    group = draw.Group(class_="event offending" if offends else "event", **_place(row.i, row.top, row.bottom))
    group.append(draw.Title(f"step {row.i}{', ' + seed if seed else ''}: {whole(event, plan.names)}"))
    y = row.middle + 4
    group.append(text(str(row.i), MARGIN + STEP - 12, y, "faint", text_anchor="end"))
    if seed:
        group.append(text(seed.removeprefix("seed "), plan.seed.x, y, "faint"))
    kind = next((name for name, kinds in DOTS.items() if isinstance(event, kinds)), "")
    x = lane.x + 21
    group.append(draw.Circle(x, row.middle, 4, class_=f"dot {kind}".rstrip()))
    agent = plan.agent(row.i)
    x = lane.x + GUTTER + row.indent
    if agent:
        group.append(text(agent.rstrip(), x, y, "faint"))
    for place, line in enumerate(row.lines):
        rest = line.removeprefix(agent.rstrip()).lstrip() if place == 0 and agent else line
        start = x + across(len(line) - len(rest))
        group.append(text(rest, start, y + LINE * place, "offending" if offends else ""))
    return group


def _lives(plan: Plan) -> draw.Group:
    """The life of each table, and what came too late."""
    group = draw.Group(class_="lives")
    for table, column in plan.lives.items():
        history = plan.tables[table]
        life = draw.Group(class_="table")
        for stage in _stages(plan, table, history, column.x + (column.width - 16) // 2):
            life.append(stage)
        for at in history.too_late:
            row = plan.row(at)
            if row is not None:
                mark = cross(column.x + column.width // 2, row.middle)
                life.append(told(mark, f"{plan.names.of(table)} was freed: step {at} comes too late"))
        group.append(life)
    return group


def _stages(plan: Plan, table: int, history: History, x: int) -> Iterator[draw.DrawingBasicElement]:
    """One bar for each stage that is in the drawing."""
    name = plan.names.of(table)
    ends = [at for at, _ in history.changes[1:]]
    for (begin, life), end in zip(history.changes, [*ends, None], strict=True):
        first = plan.rows[0].i if plan.rows else 0
        top = plan.top if begin <= first else plan.height_of(begin)
        bottom = plan.bottom if end is None else plan.height_of(end) if end > first else plan.top
        if bottom <= top:
            continue
        bar = draw.Rectangle(x, top, 16, bottom - top, rx=2, class_=f"life {LIVES[life]}")
        since = f"from step {begin}" if begin else "from the start"
        yield told(bar, f"{name}: {life.value} {since}{f' to step {end}' if end is not None else ''}")
        yield upright(life.value, x + 12, top, bottom, f"life-word {LIVES[life]}")
