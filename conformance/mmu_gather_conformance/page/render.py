# SPDX-License-Identifier: GPL-2.0-only
"""A report rendered: the template filled in, with its style, its script and its drawings inside.

The page's own policy forbids it every request, so not even a port that writes markup into its messages can make
it ask for something; and all that is not markup of ours is escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from mmu_gather_spec import EDITION
from mmu_gather_spec.record import record
from mmu_gather_spec.rules import RULES

from mmu_gather_conformance.hosts import Host
from mmu_gather_conformance.lanes.palette import ROOT, css, themed
from mmu_gather_conformance.page.exhibit import Exhibit, exhibit, in_words
from mmu_gather_conformance.page.rows import NAMED, Row, rows
from mmu_gather_conformance.report import PortReport, Report
from mmu_gather_conformance.static import formats
from mmu_gather_conformance.static.verdict import Static
from mmu_gather_conformance.terminal import CLOSING, bounds, sorted_counts
from mmu_gather_conformance.verdict import EXITS, Exit, Verdict

if TYPE_CHECKING:
    from jinja2 import Environment

HERE: Final = Path(__file__).parent

#: Drawings of one port; what is graver has them first.  They are what a page is large by, and it has to be sent.
MOST: Final = 150
UNENDED: Final = "the run did not end: nothing here counts as a pass"
TOO_MANY: Final = "the page has {most} drawings of this port already, and a replay with --svg FILE draws it"

#: Where a port runs: by its name and its era.
Hosts: TypeAlias = Callable[[str, str], Host]


@record(frozen=True, slots=True)
class Shown:
    """A row, its place on the page, and its exhibit."""

    id: str
    row: Row
    sign: str
    kind: str
    exhibit: Exhibit | None = None

    @property
    def undrawn(self) -> str:
        """Why what was found is not drawn; or nothing."""
        return self.exhibit.note if self.exhibit is not None and not self.exhibit.drawing else ""


def write(report: Report, path: Path, hosts: Hosts, /) -> None:
    """Write the page of a report."""
    path.write_text(render(report, hosts), encoding="utf-8")


def announce(ports: tuple[str, ...], path: Path, /) -> None:
    """Write the page of a run that has only begun, so that no older page is taken for what comes of it.

    Errors: OSError where it cannot be written.
    """
    write(Report(EDITION, [PortReport(port, "") for port in ports]), path, _nowhere)


def _nowhere(port: str, era: str) -> Host:
    raise AssertionError(f"nothing of {port} is run again before it has run")


def render(report: Report, hosts: Hosts, /) -> str:
    """The page.  hosts: where a port runs again what is drawn."""
    ports = [(port, list(_shown(port, hosts, f"p{number}"))) for number, port in enumerate(report.ports)]
    code = report.exit_code()
    missing = [case for port in report.ports for case in _missing(port)]
    ended = report.complete and not missing
    filled = _environment().get_template("report.html.jinja")
    return filled.render(
        report=report,
        ports=ports,
        ended=ended,
        missing=missing,
        good=code is Exit.CONFORMS,
        closing=CLOSING[code] if ended else UNENDED,
        code=int(code),
        bounds=list(bounds(report)),
        counts=sorted_counts,
        rules=RULES,
        archs=_in_order(shown.row.arch for _, all_shown in ports for shown in all_shown),
        verdicts=[each for each in Verdict if any(shown.row.verdict is each for _, all_ in ports for shown in all_)],
        left_out=_left_out,
        kind=_kind,
        sign=_sign,
        named=NAMED,
        functions=formats.text,
        well=Static.OK,
        root=ROOT,
    )


def _environment() -> Environment:
    """Jinja, strict: what a template names has to be there."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - this page alone needs it
    from markupsafe import Markup  # noqa: PLC0415 - the same

    made = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    parts: dict[str, Any] = {
        "style": Markup((HERE / "report.css").read_text(encoding="utf-8") + css() + themed()),
        "script": Markup((HERE / "report.js").read_text(encoding="utf-8")),
        "markup": Markup,
    }
    made.globals.update(parts)
    made.policies["json.dumps_kwargs"] = {"sort_keys": False}  # a state is told in its own order
    return made


def _shown(port: PortReport, hosts: Hosts, prefix: str) -> Iterator[Shown]:
    """The rows of a port, with what was found run again."""
    host: Host | None = None
    drawings = 0
    try:
        for number, row in enumerate(rows(port)):
            made: Exhibit | None = None
            if row.found is not None and drawings < MOST:
                host = host or hosts(port.port, port.era)
                made = exhibit(row.found, host, port.port)
                drawings += bool(made.drawing)
            elif row.found is not None:
                made = in_words(row.found, TOO_MANY.format(most=MOST))
            yield Shown(f"{prefix}-{number}", row, _sign(row.verdict), _kind(row.verdict), made)
    finally:
        if host is not None:
            host.close()


def _left_out(shown: list[Shown]) -> dict[str, list[Shown]]:
    """What a port's page has found and not drawn, by the reason."""
    by_reason: dict[str, list[Shown]] = {}
    for each in shown:
        if each.undrawn:
            by_reason.setdefault(each.undrawn, []).append(each)
    return by_reason


def _kind(verdict: Verdict) -> str:
    """How a verdict looks: each look has a sign as well as a colour."""
    if verdict is Verdict.NOT_APPLICABLE:
        return "none"
    if verdict in (Verdict.AS_WRITTEN, Verdict.EXPECTED):
        return "known"
    return {Exit.CONFORMS: "good", Exit.STALE: "known"}.get(EXITS[verdict], "bad")


def _sign(verdict: Verdict) -> str:
    return {"good": "✓", "known": "~", "bad": "✗", "none": "–"}[_kind(verdict)]


def _missing(port: PortReport) -> list[str]:
    """The cases that were declared and never reported."""
    reported = {case.id for case in port.cases}
    return [case for case in port.declared if case not in reported]


def _in_order(words: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(sorted(words)))
