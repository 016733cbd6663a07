# SPDX-License-Identifier: GPL-2.0-only
"""The matrix as a person reads it: lines for a terminal, a page for a browser, and a document for a program.

Each says the same.  What a cell says it says by a sign, and by its colour only besides.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from typing import Any, Final

from mmu_gather_spec.rules import RULES

from mmu_gather_conformance.falsify.breakers import Kind, musts
from mmu_gather_conformance.falsify.fate import Fate
from mmu_gather_conformance.falsify.matrix import Cell, Column, Matrix, Tally

SIGNS: Final = {Cell.CAUGHT: "●", Cell.LATER: "◐", Cell.ALSO: "·", Cell.MISSED: "✗"}
LEGEND: Final = {
    Cell.CAUGHT: "caught by its own rule, which is the first to speak",
    Cell.LATER: "caught by its own rule, after another",
    Cell.ALSO: "this rule speaks of it as well",
    Cell.MISSED: "its own rule is silent",
}


def lines(matrix: Matrix, /) -> Iterator[str]:
    """The matrix row by row: each rule, and what breaks it."""
    for rule in musts():
        row = matrix.row(rule.id)
        if not row:
            yield f"{rule.id:36} nothing breaks it"
        for at, column in enumerate(row):
            yield f"{rule.id if not at else '':36} {sign(column)} {said(column)}"
    yield ""
    yield from (f"{SIGNS[cell]}  {LEGEND[cell]}" for cell in (Cell.CAUGHT, Cell.LATER, Cell.MISSED))
    yield ""
    yield from closing(matrix)


def sign(column: Column, /) -> str:
    """What its own rule says of something wrong."""
    return SIGNS[column.cells[column.breaker.rule]]


def said(column: Column, /) -> str:
    """One wrong thing in words."""
    breaker = column.breaker
    whose = "" if breaker.kind is Kind.MUTANT else f"{breaker.kind.value}: "
    before = "" if column.first in ("", breaker.rule) else f", after {column.first}"
    return f"{whose}{breaker.name} in {breaker.case}{before}"


def closing(matrix: Matrix, /) -> Iterator[str]:
    """The counts, and what is wrong with the suite."""
    own = [column.cells[column.breaker.rule] for column in matrix.columns]
    yield (
        f"{len(musts())} rules that are a MUST, {len(matrix.columns)} things that are wrong: "
        f"{own.count(Cell.CAUGHT)} caught, {own.count(Cell.LATER)} caught after another rule, "
        f"{own.count(Cell.MISSED)} not caught"
    )
    yield from (f"nothing breaks {rule}" for rule in matrix.empty_rows())
    yield from (f"survives: {column.breaker.port} in {column.breaker.case}" for column in matrix.missed())
    if matrix.automatic is not None:
        yield from counted(matrix.automatic)


def counted(tally: Tally, /) -> Iterator[str]:
    """What became of the automatic mutants."""
    ends = ", ".join(f"{tally.ends.get(word, 0)} {word}" for word in (*WORDS, "legal"))
    yield f"{sum(tally.ends.values())} automatic mutants: {ends}; kill rate {tally.kill_rate():.1%}"
    yield from (f"survives: automatic:{name}" for name in tally.survivors)
    yield from (f"listed as legal, and is not: automatic:{name}" for name in tally.stale)


#: The ends that a mutant may come to without a person's word.
WORDS: Final = (Fate.CAUGHT.value, Fate.BROKE.value, Fate.EQUIVALENT.value)


def document(matrix: Matrix, /) -> dict[str, Any]:
    """The matrix as JSON: `complete` is its last member."""
    rules = [
        {
            "rule": rule.id,
            "sentence": rule.sentence,
            "broken_by": [
                {
                    "kind": column.breaker.kind.value,
                    "port": column.breaker.port,
                    "case": column.breaker.case,
                    "says": column.cells[rule.id].value,
                    "first": column.first,
                    "also": sorted(column.cells.keys() - {rule.id}),
                }
                for column in matrix.row(rule.id)
            ],
        }
        for rule in musts()
    ]
    found: dict[str, Any] = {"edition": matrix.edition, "rules": rules, "empty_rows": matrix.empty_rows()}
    found["survivors"] = [column.breaker.port for column in matrix.missed()]
    if matrix.automatic is not None:
        tally = matrix.automatic
        found["automatic"] = {
            "ends": tally.ends,
            "kill_rate": tally.kill_rate(),
            "survivors": tally.survivors,
            "stale": tally.stale,
        }
    return found | {"good": matrix.good(), "complete": True}


def as_json(matrix: Matrix, /) -> str:
    """The same as text."""
    return json.dumps(document(matrix), indent=1)


# --- a page -------------------------------------------------------------------------

STYLE: Final = """
.matrix { overflow-x: auto; }
.matrix table { border-collapse: collapse; font: 12px/1.3 ui-monospace, monospace; }
.matrix th, .matrix td { border: 1px solid #8884; padding: 1px 4px; text-align: center; }
.matrix tbody th { text-align: left; font-weight: normal; white-space: nowrap; position: sticky; left: 0; }
.matrix thead th { vertical-align: bottom; font-weight: normal; }
.matrix thead th span { writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; }
.matrix tbody th, .matrix thead { background: Canvas; color: CanvasText; }
.matrix td.caught { color: #0072b2; } .matrix td.later { color: #56b4e9; }
.matrix td.also { color: #888; } .matrix td.missed { color: #d55e00; font-weight: bold; }
"""
CLASSES: Final = {Cell.CAUGHT: "caught", Cell.LATER: "later", Cell.ALSO: "also", Cell.MISSED: "missed"}


def table(matrix: Matrix, /) -> str:
    """The whole of it as an HTML table: rules down, what breaks them across."""
    ordered = [column for rule in musts() for column in matrix.row(rule.id)]
    heads = "".join(
        f'<th scope="col" title="{html.escape(said(column))}"><span>{html.escape(column.breaker.name)}</span></th>'
        for column in ordered
    )
    rows = "".join(
        f'<tr><th scope="row" title="{html.escape(rule.sentence)}">{rule.id}</th>'
        + "".join(_cell(column, rule.id) for column in ordered)
        + "</tr>\n"
        for rule in musts()
    )
    legend = "; ".join(f"{SIGNS[cell]} {text}" for cell, text in LEGEND.items())
    return (
        f'<div class="matrix"><table><caption>{html.escape(legend)}</caption>\n'
        f"<thead><tr><th></th>{heads}</tr></thead>\n<tbody>{rows}</tbody></table></div>\n"
    )


def _cell(column: Column, rule: str) -> str:
    cell = column.cells.get(rule)
    if cell is None:
        return "<td></td>"
    title = html.escape(f"{column.breaker.name}: {RULES[rule].id} {cell.value}")
    return f'<td class="{CLASSES[cell]}" title="{title}">{SIGNS[cell]}</td>'


def as_html(matrix: Matrix, /) -> str:
    """A page by itself."""
    counts = "".join(f"<p>{html.escape(line)}</p>\n" for line in closing(matrix))
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>mmu_gather: rules and what breaks them</title>\n'
        f"<style>:root {{ color-scheme: light dark; }} body {{ font-family: sans-serif; }} {STYLE}</style>\n"
        f"<h1>Rules, and what breaks them</h1>\n{counts}{table(matrix)}</html>"
    )
