# SPDX-License-Identifier: GPL-2.0-only
"""`check_types("port.py")`: a static verdict on every function that a port should have.

Any number of ports of one folder is put to a checker in one process.  What the checker keeps from one time to the
next is in the user's cache folder, so that a second look at a port takes a fraction of the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mmu_gather_spec.contract import CONTRACT_ERAS
from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.record import record

from mmu_gather_conformance.static import bindings, checkers, judging, places, probe, wanted
from mmu_gather_conformance.static.verdict import CannotCheck, PortTypes

DEFAULT_CHECKER: Final = "mypy"


@record(frozen=True, slots=True)
class _Asked:
    """One port, what it is asked for, and the probe that asks."""

    place: places.Place
    source: bindings.Source
    era: str
    items: list[wanted.Wanted]
    #: the probe's file
    file: str
    probe: probe.Probe


def check_types(
    *ports: str, era: str | None = None, halves: Sequence[str] = (), checker: str = DEFAULT_CHECKER
) -> list[PortTypes]:
    """The static verdict of each port.

    ports: files, or modules' dotted names.  era: the contract that they are held to, if not their own.
    halves: `generic`, `arch`; none for those of which a port defines something.  checker: `mypy` or `pyright`.
    Errors: CannotCheck when there can be no verdict.
    """
    told = checkers.version(checker)
    with places.workshop() as folder:
        all_asked = [_asked(port, era, tuple(halves), folder) for port in ports]
        for asked in all_asked:
            (folder / asked.file).write_text(asked.probe.text, encoding="utf-8")
        roots = {asked.place.root for asked in all_asked}
        answers = {root: _answer(checker, folder, all_asked, root) for root in roots}
    reports = []
    for asked in all_asked:
        answer = answers[asked.place.root]
        lines = answer.lines[asked.file]
        if asked.probe.at_error not in lines or asked.probe.at_import in lines:
            said = next((line for line in answer.said if line.strip()), "it gave no answer")
            raise CannotCheck(f"{checker} could not check {asked.place.named}: {said}")
        errors = _errors(asked.probe, lines)
        functions = [
            judging.judge(asked.source, str(asked.place.path), item, errors[item.name]) for item in asked.items
        ]
        reports.append(PortTypes(asked.place.named, asked.era, told, tuple(functions)))
    return reports


def _answer(checker: str, folder: Path, all_asked: list[_Asked], root: Path) -> checkers.Answer:
    """What a checker says of the ports of one folder: in another a module of the same name may be another."""
    files = [asked.file for asked in all_asked if asked.place.root == root]
    return checkers.ask(checker, folder, files, [folder, root, Path.cwd()])


def _asked(port: str, era: str | None, halves: tuple[str, ...], folder: Path) -> _Asked:
    place = places.find(port)
    source = bindings.read(place.path)
    era = era or source.era() or DEFAULT_ERA
    if era not in CONTRACT_ERAS:
        raise CannotCheck(f"{place.named}: ERA is {era!r}, which is no era that the specification knows")
    own = source.own()
    items = wanted.asked_for(era, halves or wanted.brought(era, own), own, source.archs())
    file = f"probe_{places.digest(f'{place.path.resolve()} {era} {halves}')}.py"
    return _Asked(place, source, era, items, file, probe.write(source, place.importable(folder), items))


def _errors(of: probe.Probe, lines: set[int]) -> dict[str, dict[str, bool]]:
    """For each name and question, whether there was an error; asked more than once, whether every time."""
    errors: dict[str, dict[str, bool]] = {}
    for line, question in of.questions.items():
        of_name = errors.setdefault(question.function, {})
        of_name[question.kind] = of_name.get(question.kind, True) and line in lines
    return errors
