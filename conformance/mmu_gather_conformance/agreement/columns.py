# SPDX-License-Identifier: GPL-2.0-only
"""Two runs side by side, from a few events before they part: for a person who has to find out which one is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import zip_longest
from typing import Final

from mmu_gather_spec import events as ev

from mmu_gather_conformance.agreement.driver import Agreement
from mmu_gather_conformance.agreement.runs import Parted, part
from mmu_gather_conformance.lanes.describe import describe
from mmu_gather_conformance.lanes.names import Names
from mmu_gather_conformance.recorder import Run
from mmu_gather_conformance.scenario import AnyOp

#: Events that are shown before and after the place.
BEFORE: Final = 6
AFTER: Final = 6
WIDTH: Final = 56


def lines(found: Agreement, /) -> list[str]:
    """What to tell of a comparison."""
    head = f"{found.one} and {found.other} ({found.era})"
    counted = f"{found.cases} cases, {found.runs} runs, {found.examples} random call sequences"
    if found.broke is not None:
        where = f" in {found.where}" if found.where else ""
        return [f"{found.one}: {found.broke.verdict.value}{where}: {found.broke.detail}"]
    if found.parted is None:
        return [f"{head} agree, event by event: {counted}"]
    return [f"{head} differ in {_where(found.parted)}, after {counted} that are the same", *_shown(found)]


def _where(parted: Parted) -> str:
    if parted.number < 0:
        return parted.case.id
    return f"random calls {parted.number}, on {parted.case.config.suffix()}"


def _shown(found: Agreement) -> Iterator[str]:
    """Calls and answers, then the two runs in two columns."""
    parted = found.parted
    assert parted is not None, "there is something to show"
    run = parted.one or parted.other
    assert run is not None, "one of the two was made"
    yield f"  calls: {', '.join(map(_call, parted.case.scenario.ops))}"
    yield f"  answers: {parted.by_service or list(run.choices)}, filled with {run.fill:#04x}" + (
        f", a second gather at boundary {run.nested_at}" if run.nested_at else ""
    )
    at = part(parted.one, parted.other)
    columns = [_column(each, at) for each in (parted.one, parted.other)]
    yield f"  {'':6}{found.one[-WIDTH:]:{WIDTH}}  {found.other[-WIDTH:]}"
    for number, (mine, theirs) in enumerate(zip_longest(*columns, fillvalue=""), max(0, at - BEFORE)):
        mark = ">" if mine != theirs else " "
        yield f"{mark} {number:4}  {mine[:WIDTH]:{WIDTH}}  {theirs[:WIDTH]}"


def _column(run: Run | None, at: int) -> list[str]:
    """The events around a place, in words; empty where there are none."""
    if run is None:
        return ["(this run was not made)"]
    names = Names(run.trace)
    told = [f"cpu{event.cpu} {event.agent}: {_event(event, names)}" for event in run.trace]
    if run.detail:
        told.append(f"{run.outcome.value}: {run.detail}")
    return told[max(0, at - BEFORE) : at + AFTER]


def _event(event: ev.AnyEvent, names: Names) -> str:
    return describe(event, names)


def _call(op: AnyOp) -> str:
    """An operation as it is written in a scenario, without what is as usual."""
    usual = type(op)()
    told = [f"{name}={value!r}" for name, value in asdict(op).items() if value != getattr(usual, name)]
    return f"{type(op).__name__}({', '.join(told)})"
