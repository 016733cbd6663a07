# SPDX-License-Identifier: GPL-2.0-only
"""The Kconfig closure as a reader sees it: a matrix, and the reason for each cell that does not build.

Nothing is decided here. Rows, columns and words come from mmu_gather_spec.kconfig_eras; this file only lays them
out, as plain text for `mmu-gather kconfig` and as reStructuredText for the documentation. Both are made from
the same cells and the same reasons, so they cannot differ in what they say. An era has a matrix for each arch that
asks for the batching, since each has select lines of its own.

The plain text is columns and no escape codes, so that it can be compared and quoted. A cell with two findings
takes two lines. A reason gives, in this order: the name that is missing, the file that needs it, what would
have provided it and the condition that keeps that out, and where in the mail each can be read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.kconfig import Closure, How, Missing, Offer, Outcome
from mmu_gather_spec.kconfig_eras import Family, families
from mmu_gather_spec.kconfig_tree import Guard, Select, Source


def title(family: Family, era: str) -> str:
    """What a matrix answers."""
    if era == DEFAULT_ERA:
        return f"Does {family.name} build once the page-table freeing is generic?"
    return f"Does {family.name} build in {era}?"


def render(era: str = DEFAULT_ERA) -> str:
    """Each matrix and its reasons as plain text, with a line feed at the end."""
    return "\n".join(_render(family, era) for family in families(era))


def _render(family: Family, era: str) -> str:
    rows = list(table(family))
    widths = [max(len(text) for texts in column for text in texts) for column in zip(*rows, strict=True)]
    lines = [title(family, era), ""]
    for row in rows:
        for texts in zip_longest(*row, fillvalue=""):
            padded = (text.ljust(width) for text, width in zip(texts, widths, strict=True))
            lines.append("  ".join(padded).rstrip())
    for cell in failing(family):
        lines += ["", heading(cell), *(f"  {label:<11} {text}" for label, text in reason(cell))]
    return "\n".join(lines) + "\n"


def as_rst(era: str = DEFAULT_ERA) -> str:
    """Each matrix as a list-table and each reason as a field list, with a line feed at the end."""
    return "\n".join(_as_rst(family, era) for family in families(era))


def _as_rst(family: Family, era: str) -> str:
    lines = [f".. list-table:: {title(family, era)}", "   :header-rows: 1", "   :stub-columns: 1", ""]
    for row in table(family):
        for column, texts in enumerate(row):
            bullet = "   * -" if column == 0 else "     -"
            lines.append(f"{bullet} {'; '.join(texts)}".rstrip())
    for cell in failing(family):
        lines += ["", f"**{heading(cell)}**", ""]
        lines += [f":{label}: {literal(text)}" for label, text in reason(cell)]
    return "\n".join(lines) + "\n"


def table(family: Family) -> Iterator[tuple[tuple[str, ...], ...]]:
    """The header row and one row for each point; a cell is a tuple of lines."""
    yield (("",), *((condition(select), f"from {select.proposed_by}") for select in family.selects))
    cells = {(cell.point, cell.select): cell for cell in family.matrix()}
    for point in family.points:
        found = (cells[point, select].findings for select in family.selects)
        yield ((point.name,), *(tuple(outcome.value for outcome in findings) for findings in found))


def failing(family: Family) -> Iterator[Closure]:
    """The cells that need a reason, in the order of the matrix."""
    return (cell for cell in family.matrix() if cell.findings != (Outcome.BUILDS,))


def heading(cell: Closure) -> str:
    """The cell by its row and column, and what it found."""
    return f"{cell.point.name}, {condition(cell.select)}: {'; '.join(f.value for f in cell.findings)}"


def condition(select: Select) -> str:
    """The select line as Kconfig has it."""
    return select.source.phrase


def reason(cell: Closure) -> Iterator[tuple[str, str]]:
    """Why a cell reads as it does, as labels and texts."""
    yield "selected", f"{selected(cell)}; {where(cell.select.source)}"
    for missing in cell.missing:
        yield from why_missing(missing)
    for report in cell.reports:
        yield "reported", f'"{report.source.phrase}"; {where(report.source)}'


def selected(cell: Closure) -> str:
    """Which way the select line went in this configuration."""
    if not cell.select.symbol:
        return "nothing is selected"
    return f"CONFIG_{cell.select.symbol} is {'on' if cell.select.symbol in cell.config else 'off'}"


def why_missing(missing: Missing) -> Iterator[tuple[str, str]]:
    """One missing name: its phase, the file that stops, the functions that need it, who would provide it."""
    yield "missing", f"{missing.name}: {missing.how.value}"
    yield "unit", missing.unit
    for use in missing.uses:
        yield "needed by", f"{use.by}{'' if missing.how is How.DEPENDS else '()'}; {where(use.source)}"
    for offer in missing.offers:
        yield "provided by", provided(offer)
    if not missing.offers and missing.how in (How.UNDECLARED, How.UNDEFINED):
        yield "provided by", "nothing"


def provided(offer: Offer) -> str:
    """A body that is left out, and each #ifdef that does it."""
    body = offer.provide.source
    conditions = " and ".join(f"{guard} ({apart(guard, body)})" for guard in offer.guards)
    return f"{where(body)}; only under {conditions}"


def apart(guard: Guard, body: Source) -> str:
    """Where the guard stands, without naming the file that the body is in a second time."""
    if guard.source is None:
        return "no source"
    return line(guard.source) if guard.source.file == body.file else where(guard.source)


def where(source: Source) -> str:
    """The place of a phrase: its file, and its line in the mail."""
    return f"{source.file}, {line(source)}"


def line(source: Source) -> str:
    """The line of the mail, where it has one; or how the phrase was come by."""
    if source.line is not None:
        return f"seed line {source.line}"
    return "unverified" if source.evidence == "memory" else "not in the seed"


def literal(text: str) -> str:
    """The text with every name and path in it marked as code."""
    return re.sub(r"!?[\w./-]*[_/][\w./-]*(\(\))?", r"``\g<0>``", text)
