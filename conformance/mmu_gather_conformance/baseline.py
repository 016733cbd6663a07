# SPDX-License-Identifier: GPL-2.0-only
"""A baseline: the violations that a port is known for, so that only a change of them is news.

A TOML file with, for each port, rule ids and the cases in which each is known to be violated.  What is in it
and violated is `expected`; what is in it and passes is `stale`, so that a baseline can only shrink.
"""

from __future__ import annotations

from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from mmu_gather_conformance.report import PortReport, Report
from mmu_gather_conformance.saved import BadFile
from mmu_gather_conformance.verdict import Verdict, worst


def load(path: Path, /) -> dict[str, dict[str, list[str]]]:
    """Port -> rule -> case ids.

    Errors: BadFile for a file that is missing, is no TOML, or has another shape.
    """
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8")).unwrap()
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from error
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise BadFile(f"{path}: {error}") from error
    for port, rules in document.items():
        if not isinstance(rules, dict):
            raise BadFile(f"{path}: $.{port} is {type(rules).__name__}, expected a table of rule ids")
        for rule, ids in rules.items():
            if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
                raise BadFile(f"{path}: $.{port}.{rule} is not a list of case ids")
    return document


def apply(report: Report, known: dict[str, dict[str, list[str]]], /) -> None:
    """Put `expected` and `stale` where they belong."""
    for port in report.ports:
        _apply(port, known.get(port.port, {}))


def _apply(port: PortReport, known: dict[str, list[str]]) -> None:
    for case in port.cases:
        touched = False
        for rule, ids in known.items():
            if case.id not in ids or rule not in case.rules:
                continue
            touched = True
            now = case.rules[rule]
            if now is Verdict.VIOLATED:
                case.rules[rule] = Verdict.EXPECTED
                case.found = [
                    found for found in case.found if found.rule != rule or found.verdict is not Verdict.VIOLATED
                ]
            elif now in (Verdict.PASSED, Verdict.AS_WRITTEN):
                case.rules[rule] = Verdict.STALE
                case.detail = f"{rule} is in the baseline, but passes"
        if touched:
            case.verdict = worst(case.rules.values())


def write(report: Report, path: Path, /) -> None:
    """A baseline of all that is violated now, to be reviewed and committed."""
    document = tomlkit.document()
    document.add(tomlkit.comment("Known violations: port, rule, cases.  Made by mmu-gather run --write-baseline."))
    for port in report.ports:
        rules: dict[str, list[str]] = {}
        for case in port.cases:
            for rule, verdict in case.rules.items():
                if verdict in (Verdict.VIOLATED, Verdict.EXPECTED):
                    rules.setdefault(rule, []).append(case.id)
        if rules:
            table = tomlkit.table()
            for rule, ids in sorted(rules.items()):
                table.add(rule, tomlkit.item(ids).multiline(True))
            document.add(port.port, table)
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
