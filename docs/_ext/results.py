# SPDX-License-Identifier: GPL-2.0-only
"""What each known implementation came to, rule by rule: `docs/results`, one file for each.

    mmu-gather run ref so:build/rfc_2010.so --json report.json
    .venv/bin/python docs/_ext/results.py report.json

writes the files of the ports in a report.  They are committed, so that the pages need no run, and so that a verdict
that changes is a difference that a person reads.  With `--check` nothing is written, and the exit code says whether
the files are as the report has it; `make test` does that after each run of `make conformance`.

A run over some of the cases is no verdict on an implementation, so only reports of all cases are taken.
"""

from __future__ import annotations

import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
from mmu_gather_conformance import cases, forms, interleaved
from mmu_gather_conformance.check import rules_for
from mmu_gather_conformance.report import PortReport, Report
from mmu_gather_conformance.verdict import Verdict
from mmu_gather_spec.eras import ERAS

FOLDER: Final = Path(__file__).parents[1] / "results"


class NotWhole(Exception):
    """A report that does not speak of a whole implementation."""


class Judged(msgspec.Struct, frozen=True):
    """A rule's verdict over all cases."""

    verdict: Verdict
    #: in how many cases it was judged
    cases: int
    #: the known defects that were seen
    errata: tuple[str, ...] = ()


class Results(msgspec.Struct, frozen=True):
    """One implementation."""

    port: str
    era: str
    edition: str
    archs: tuple[str, ...]
    #: runs of the port alone
    runs: int
    #: cases by their verdict
    verdicts: dict[str, int]
    #: litmus tests by their answer, and the states that took
    answers: dict[str, int]
    states: int
    rules: dict[str, Judged]


def name_of(port: str, era: str, /) -> str:
    """What an implementation is called: where its file lies says nothing about it."""
    kind, _, target = port.partition(":")
    if kind == "ref":
        return f"ref:{era}"
    return f"{kind}:{Path(target).stem if kind in ('so', 'py') else Path(target).name}"


def file_of(port: str, /) -> str:
    """The file of an implementation."""
    return port.replace(":", "-") + ".json"


def results_of(port: PortReport, edition: str, /) -> Results:
    """What a report says of a port.  Errors: NotWhole."""
    archs = tuple(dict.fromkeys(case.arch for case in port.cases))
    _whole(port, archs)
    counted = Counter(rule for case in port.cases for rule in case.rules)
    errata: dict[str, set[str]] = {}
    for found in (found for case in port.cases for found in case.found):
        if found.erratum is not None and found.verdict is Verdict.AS_WRITTEN:
            errata.setdefault(found.rule, set()).add(found.erratum)
    answers = Counter(case.answer for case in port.cases if case.answer)
    return Results(
        port=name_of(port.port, port.era),
        era=port.era,
        edition=edition,
        archs=tuple(sorted(archs)),
        runs=sum(case.runs for case in port.cases),
        verdicts=dict(sorted((verdict.value, many) for verdict, many in port.counts().items())),
        answers={word: answers[word] for word in ("Never", "Sometimes", "Always") if answers[word]},
        states=sum(case.states for case in port.cases),
        rules={
            rule: Judged(verdict, counted[rule], tuple(sorted(errata.get(rule, ()))))
            for rule, verdict in sorted(port.by_rule().items())
        },
    )


def _whole(port: PortReport, archs: tuple[str, ...]) -> None:
    """Refuse a report of some cases, or of some rules."""
    ids = {rule.id for rule in rules_for(port.era)}
    wanted = {case.id for case in cases.cases(archs, port.era)}
    wanted |= {question.id for question in interleaved.questions(archs, ids, "")}
    missing = wanted - {case.id for case in port.cases}
    if missing:
        raise NotWhole(f"{port.port}: {len(missing)} cases are not in the report, such as {min(missing)}")


def text(results: Results, /) -> bytes:
    """The file."""
    return msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n"


@cache
def known() -> tuple[Results, ...]:
    """Every implementation that there are results of, in the order of the eras; the reference first."""
    found = [msgspec.json.decode(path.read_bytes(), type=Results) for path in sorted(FOLDER.glob("*.json"))]
    return tuple(sorted(found, key=lambda each: (list(ERAS).index(each.era), not each.port.startswith("ref:"))))


def update(report: Report, /, *, check: bool = False, folder: Path = FOLDER) -> list[str]:
    """Write the files of a report's ports, or only look; what was not as the report has it.

    Errors: NotWhole for a report that is not of all cases.
    """
    if not report.complete:
        raise NotWhole("the report is not complete")
    changed = []
    for port in report.ports:
        results = results_of(port, report.edition)
        path = folder / file_of(results.port)
        if path.exists() and path.read_bytes() == text(results):
            continue
        changed.append(path.name)
        if not check:
            path.write_bytes(text(results))
    return changed


def main(words: list[str]) -> int:
    """The exit code: 1 where something is not as committed, 2 for a report that cannot be used."""
    check = "--check" in words
    try:
        reports = [_read(Path(word)) for word in words if word != "--check"]
        changed = [name for report in reports for name in update(report, check=check)]
    except NotWhole as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for name in changed:
        sys.stderr.write(f"docs/results/{name} {'is not as this run has it' if check else 'written'}\n")
    return 1 if check and changed else 0


def _read(path: Path) -> Report:
    """A report as `--json` wrote it."""
    document = msgspec.json.decode(path.read_bytes())
    document.pop("exit_code")
    return forms.decode(msgspec.json.encode(document), Report)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
