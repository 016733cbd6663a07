# SPDX-License-Identifier: GPL-2.0-only
"""The report for other programs: JSON, JUnit XML, and the kernel's own KTAP.

They say what the terminal says and nothing else.  A document that was not completed says so and never
reads as a pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from junitparser import Error, JUnitXml, TestCase, TestSuite
from junitparser import Failure as JUnitFailure

from mmu_gather_conformance import forms
from mmu_gather_conformance.report import CaseResult, PortReport, Report
from mmu_gather_conformance.static.formats import message
from mmu_gather_conformance.static.verdict import Static
from mmu_gather_conformance.verdict import EXITS, Exit, Verdict

#: Verdicts that are no failure for a program that only knows pass and fail.
GOOD: Final = frozenset(verdict for verdict, code in EXITS.items() if code is Exit.CONFORMS)


def write_json(report: Report, path: Path, /) -> None:
    """One document, whose last member is `complete`."""
    document = msgspec.to_builtins(forms.stored(report))
    assert isinstance(document, dict)
    document["exit_code"] = int(report.exit_code())
    document["complete"] = document.pop("complete")
    path.write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n")


def json_schema() -> dict[str, Any]:
    """The JSON Schema of that document."""
    schema = msgspec.json.schema(forms.form(Report))
    schema["$defs"]["Report"]["properties"]["exit_code"] = {
        "type": "integer",
        "enum": [int(code) for code in Exit],
    }
    return schema


def _why(case: CaseResult) -> str:
    lines = [f"{found.rule}: {found.reason}" for found in case.found if found.verdict not in GOOD]
    return "\n".join([case.detail, *lines] if case.detail else lines) or case.verdict.value


def write_junit(report: Report, path: Path, /) -> None:
    """A suite for each port, a test case for each case."""
    xml = JUnitXml("mmu-gather")
    for port in report.ports:
        suite = TestSuite(port.port)
        for case in port.cases:
            test = TestCase(case.id, classname=port.port, time=round(case.record_seconds + case.judge_seconds, 3))
            if case.verdict not in GOOD:
                kind = JUnitFailure if EXITS[case.verdict] in (Exit.VIOLATED, Exit.STALE) else Error
                test.result = [kind(_why(case), case.verdict.value)]
            suite.add_testcase(test)
        for each in port.types.functions if port.types else ():
            test = TestCase(f"types/{each.function}", classname=port.port)
            if each.verdict is not Static.OK:
                test.result = [JUnitFailure(message(each), each.verdict.value)]
            suite.add_testcase(test)
        xml.add_testsuite(suite)
    xml.update_statistics()  # type: ignore[no-untyped-call]  # the library has no types for it
    xml.write(str(path), pretty=True)


def ktap(report: Report, /) -> Iterator[str]:
    """KTAP version 1, as the kernel's documentation gives it: a subtest for each port."""
    yield "KTAP version 1"
    yield f"1..{len(report.ports)}"
    for number, port in enumerate(report.ports, 1):
        yield "  KTAP version 1"
        yield f"  # Subtest: {_word(port.port)}"
        yield f"  1..{len(port.cases) + len(port.types.functions if port.types else ())}"
        yield from (f"  {line}" for line in _subtests(port))
        good = all(case.verdict in GOOD for case in port.cases) and bool(port.cases)
        good = good and (port.types is None or port.types.good())
        yield f"{'ok' if good else 'not ok'} {number} {_word(port.port)}"


def _subtests(port: PortReport) -> Iterator[str]:
    for number, case in enumerate(port.cases, 1):
        good = case.verdict in GOOD
        if not good:
            yield from (f"# {line}" for line in _why(case).splitlines())
        skipped = " # SKIP not applicable" if case.verdict is Verdict.NOT_APPLICABLE else ""
        yield f"{'ok' if good else 'not ok'} {number} {_word(case.id)}{skipped}"
    for number, each in enumerate(port.types.functions if port.types else (), len(port.cases) + 1):
        if each.verdict is not Static.OK:
            yield f"# {each.verdict.value}: {message(each)}"
        yield f"{'ok' if each.verdict is Static.OK else 'not ok'} {number} types/{_word(each.function)}"


def _word(text: str) -> str:
    """A description without the sign that begins a directive."""
    return text.replace("#", "_")


def write_ktap(report: Report, path: Path, /) -> None:
    """The same, as a file."""
    path.write_text("\n".join(ktap(report)) + "\n", encoding="utf-8")
