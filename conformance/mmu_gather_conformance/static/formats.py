# SPDX-License-Identifier: GPL-2.0-only
"""A static verdict as text, as JSON, as annotations of a GitHub workflow, and as SARIF.

All four say the same.  Annotations and SARIF, which are lists of what is wrong, leave out what is well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import msgspec

from mmu_gather_conformance.static.verdict import FunctionVerdict, PortTypes, Static

#: What each verdict means, where a format wants to know it.
MEANING: Final = {
    Static.MISSING: "A function of the contract is not defined.",
    Static.SIGNATURE: "A function does not have the contract's signature.",
    Static.UNTYPED: "A function has no types that could be held to the contract.",
}


def message(of: FunctionVerdict, /) -> str:
    """What there is to say of one function, in one line; nothing if it is as it should be."""
    if of.verdict is Static.OK:
        return ""
    parts = [of.reason] if of.reason else []
    if of.got:
        parts.append(f"got `{of.got}`")
    return "; ".join([*parts, f"expected `{of.expected}`"])


def text(reports: Sequence[PortTypes], /) -> str:
    """A line for each function, and one that sums up each port."""
    lines: list[str] = []
    for report in reports:
        for each in report.functions:
            line = f"{each.file}:{each.line}: {each.verdict.value:9} {each.function}"
            lines.append(f"{line}: {message(each)}" if message(each) else line)
        lines.append(closing(report))
    return "\n".join(lines)


def closing(report: PortTypes, /) -> str:
    """The last line of a port."""
    counts = ", ".join(f"{count} {verdict.value}" for verdict, count in report.counts())
    return f"{report.port}: {counts or 'nothing to check'}; the contract of {report.era}, by {report.checker}"


def as_json(reports: Sequence[PortTypes], /) -> str:
    """One document, whose last member is `complete`."""
    document = {"ports": [stored(report) for report in reports], "good": good(reports), "complete": True}
    return msgspec.json.format(msgspec.json.encode(document), indent=1).decode()


def stored(report: PortTypes, /) -> dict[str, Any]:
    """One port, for JSON."""
    functions = [
        {
            "function": each.function,
            "verdict": each.verdict.value,
            "file": each.file,
            "line": each.line,
            "expected": each.expected,
            "got": each.got,
            "reason": each.reason,
            "answers": list(each.answers),
        }
        for each in report.functions
    ]
    return {"port": report.port, "era": report.era, "checker": report.checker, "functions": functions}


def github(reports: Sequence[PortTypes], /) -> str:
    """Workflow commands, one for each function that is not as it should be."""
    wrong = [each for report in reports for each in report.functions if each.verdict is not Static.OK]
    return "\n".join(map(_annotation, wrong))


def _annotation(each: FunctionVerdict) -> str:
    title = _property(f"{each.verdict.value} {each.function}")
    return f"::error file={_property(each.file)},line={each.line},title={title}::{_data(message(each))}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def sarif(reports: Sequence[PortTypes], /) -> str:
    """SARIF 2.1.0: a rule for each kind of verdict, a result for each function that is not as it should be."""
    from importlib import metadata  # noqa: PLC0415 - nothing else here needs it, and it is slow to import

    rules = [{"id": each.value, "shortDescription": {"text": meaning}} for each, meaning in MEANING.items()]
    driver = {"name": "mmu-gather", "version": metadata.version("mmu-gather"), "rules": rules}
    wrong = [each for report in reports for each in report.functions if each.verdict is not Static.OK]
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": list(map(_result, wrong))}],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=1).decode()


def _result(each: FunctionVerdict) -> dict[str, Any]:
    artifact = {"uri": quote(Path(each.file).as_posix())}
    location = {
        "physicalLocation": {"artifactLocation": artifact, "region": {"startLine": each.line}},
        "logicalLocations": [{"name": each.function, "kind": "function"}],
    }
    return {
        "ruleId": each.verdict.value,
        "ruleIndex": list(MEANING).index(each.verdict),
        "level": "error",
        "message": {"text": f"{each.function}: {message(each)}"},
        "locations": [location],
    }


def good(reports: Sequence[PortTypes], /) -> bool:
    """Whether there is nothing to complain of."""
    return bool(reports) and all(report.good() for report in reports)


FORMATS: Final[dict[str, Callable[[Sequence[PortTypes]], str]]] = {
    "text": text,
    "json": as_json,
    "github": github,
    "sarif": sarif,
}
