# SPDX-License-Identifier: GPL-2.0-only
"""What each known implementation came to, rule by rule: `docs/results`, one file for each.

    make results
    mmu-gather run linux:build/linux/6.1 linux:build/linux/6.12 --json build/linux.json
    .venv/bin/python docs/_ext/results.py build/results.json build/linux.json

writes the files of the ports in these reports; the kernels are where `make test-linux` has put them.  The files are
committed, so that the pages need no run, and so that a verdict that changes is a difference that a person reads.  With
`--check` nothing is written, and the exit code says whether the files are as the reports have it: `make test` does that
with every era's reference and the port in C, and `make test-linux` with the kernels.  What a port says of its version
is kept and not compared: a kernel's next point release with the same verdicts is no news.

A run over some of the cases is no verdict on an implementation, so only reports of all cases are taken.  And where a
rule binds nobody on a machine, it is not counted: whatever ran there, it would have passed.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
from machines import machine_of
from mmu_gather_conformance import cases, forms, interleaved
from mmu_gather_conformance.check import rules_for
from mmu_gather_conformance.report import CaseResult, PortReport, Report
from mmu_gather_conformance.verdict import Verdict
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.rules import RULES

FOLDER: Final = Path(__file__).parents[1] / "results"
#: The order of an era's implementations, by their kinds.
KINDS: Final = ("ref", "linux", "so", "py")


class NoResult(Exception):
    """A report that does not speak of a whole implementation, or not of one that has a name."""


class Judged(msgspec.Struct, frozen=True):
    """A rule's verdict over all cases on machines on which it binds somebody, and how many those are."""

    verdict: Verdict
    #: cases of the port alone
    cases: int
    #: litmus tests, and the states that were searched
    litmuses: int
    states: int
    #: the known defects that were seen
    errata: tuple[str, ...] = ()


class Results(msgspec.Struct, frozen=True):
    """One implementation."""

    port: str
    era: str
    edition: str
    archs: tuple[str, ...]
    #: cases of the port alone, in how many of them not every pattern of answers was tried, and runs
    cases: int
    bounded: int
    runs: int
    #: litmus tests by their answer, how many were not searched to the end, and the states that were searched
    answers: dict[str, int]
    cut: int
    states: int
    #: all of these cases by their verdict
    verdicts: dict[str, int]
    rules: dict[str, Judged]
    #: what the implementation that was tried says of its own version
    version: str = ""


def name_of(port: PortReport, /) -> str:
    """What an implementation is called: where its file lies says nothing about it.

    A kernel is called by its major version.  Errors: NoResult for one that has none.
    """
    kind, _, target = port.port.partition(":")
    if kind == "ref":
        return f"ref:{port.era}"
    if kind == "linux":
        major = re.match(r"\d+\.\d+", port.version)
        if major is None:
            raise NoResult(f"{port.port}: no Makefile says which version it is of")
        return f"linux:{major[0]}"
    return f"{kind}:{Path(target).stem}"


def file_of(port: str, /) -> str:
    """The file of an implementation."""
    return port.replace(":", "-") + ".json"


def results_of(port: PortReport, edition: str, /) -> Results:
    """What a report says of a port.  Errors: NoResult."""
    archs = tuple(dict.fromkeys(case.arch for case in port.cases))
    _whole(port, archs)
    alone = [case for case in port.cases if not case.answer]
    searched = [case for case in port.cases if case.answer]
    answers = Counter(case.answer for case in searched)
    return Results(
        port=name_of(port),
        era=port.era,
        edition=edition,
        archs=tuple(sorted(archs)),
        cases=len(alone),
        bounded=sum("bounded" in case.bounds for case in alone),
        runs=sum(case.runs for case in alone),
        answers={word: answers[word] for word in ("Never", "Sometimes", "Always") if answers[word]},
        cut=sum("bounded" in case.bounds for case in searched),
        states=sum(case.states for case in searched),
        verdicts=dict(sorted((verdict.value, many) for verdict, many in port.counts().items())),
        rules=_judged(port),
        version=port.version,
    )


def _judged(port: PortReport) -> dict[str, Judged]:
    """Each rule that binds somebody in some case, by id."""
    errata: dict[str, set[str]] = {}
    for found in (found for case in port.cases for found in case.found):
        if found.erratum is not None and found.verdict is Verdict.AS_WRITTEN:
            errata.setdefault(found.rule, set()).add(found.erratum)
    where: dict[str, list[CaseResult]] = {}
    for case in port.cases:
        machine = machine_of(case.id, port.era)
        for rule in case.rules:
            if RULES[rule].applies(machine):
                where.setdefault(rule, []).append(case)
    return {
        rule: Judged(
            verdict,
            sum(not case.answer for case in where[rule]),
            sum(bool(case.answer) for case in where[rule]),
            sum(case.states for case in where[rule]),
            tuple(sorted(errata.get(rule, ()))),
        )
        for rule, verdict in sorted(port.by_rule().items())
        if rule in where
    }


def _whole(port: PortReport, archs: tuple[str, ...]) -> None:
    """Refuse a report of some cases, or of some rules."""
    ids = {rule.id for rule in rules_for(port.era)}
    wanted = {case.id for case in cases.cases(archs, port.era)}
    wanted |= {question.id for question in interleaved.questions(archs, ids, "")}
    missing = wanted - {case.id for case in port.cases}
    if missing:
        raise NoResult(f"{port.port}: {len(missing)} cases are not in the report, such as {min(missing)}")


def text(results: Results, /) -> bytes:
    """The file."""
    return msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n"


@cache
def known() -> tuple[Results, ...]:
    """Every implementation that there are results of, in the order of the eras; the reference first."""
    found = [_committed(path) for path in FOLDER.glob("*.json")]
    order = {era: number for number, era in enumerate(ERAS)}
    return tuple(sorted(found, key=lambda each: (order[each.era], KINDS.index(each.port.partition(":")[0]), each.port)))


def of_era(era: str, /) -> tuple[Results, ...]:
    """The known implementations of one era, the reference first."""
    return tuple(each for each in known() if each.era == era)


def _committed(path: Path) -> Results:
    return msgspec.json.decode(path.read_bytes(), type=Results)


def _same(path: Path, results: Results, *, version: bool) -> bool:
    """Whether a file says what a run came to; `version`: and which version that was."""
    if not path.exists():
        return False
    if not version:
        results = msgspec.structs.replace(results, version=_committed(path).version)
    return path.read_bytes() == text(results)


def update(report: Report, /, *, check: bool = False, folder: Path = FOLDER) -> list[str]:
    """Write the files of a report's ports, or only look; what was not as the report has it.

    Errors: NoResult for a report that is not of all cases, or of a port that has no name.
    """
    if not report.complete:
        raise NoResult("the report is not complete")
    changed = []
    for port in report.ports:
        results = results_of(port, report.edition)
        path = folder / file_of(results.port)
        if _same(path, results, version=not check):
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
    except NoResult as error:
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
