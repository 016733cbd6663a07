# SPDX-License-Identifier: GPL-2.0-only
"""The commands `mmu-gather check-types` and `mmu-gather check-header`.

Exit codes: 0 every function is as the contract has it, 1 some are not, 2 usage, 5 the port cannot be checked.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

from mmu_gather_conformance import typed_names
from mmu_gather_conformance.refused import Refused, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mmu_gather_conformance.report import Report
    from mmu_gather_conformance.static.verdict import PortTypes

T = TypeVar("T")

#: The port cannot be loaded, parsed or compiled.
BROKEN = 5

era_option = click.option("--era", metavar="NAME", help="The contract to hold it to, if not its own era's.")
half_option = click.option("--half", metavar="{generic|arch}", help="Only this half; what it brings otherwise.")
format_option = click.option(
    "--format", "form", default="text", show_default=True, metavar="{text|json|github|sarif}", help="How to print it."
)


@click.command("check-types")
@click.argument("ports", nargs=-1, required=True, metavar="{MODULE|FILE}...")
@era_option
@half_option
@click.option("--checker", default="mypy", show_default=True, metavar="{mypy|pyright}", help="Whom to ask.")
@format_option
def check_types(ports: tuple[str, ...], era: str | None, half: str | None, checker: str, form: str) -> None:
    """Say of each function of the contract whether a Python port has it, and in its shape; nothing is run."""
    from mmu_gather_conformance.static import check_types as static  # noqa: PLC0415
    from mmu_gather_conformance.static.checkers import CHECKERS  # noqa: PLC0415

    _known("checker", checker, CHECKERS)
    _, halves = _options(era, half, form)
    _print(lambda: static.check_types(*ports, era=era, halves=halves, checker=checker), form)


@click.command("check-header")
@click.argument("files", nargs=-1, required=True, metavar="FILE.h...")
@era_option
@half_option
@format_option
def check_header(files: tuple[str, ...], era: str | None, half: str | None, form: str) -> None:
    """Say the same of the header of a C port, by the C compiler."""
    from mmu_gather_conformance.static import headers  # noqa: PLC0415

    _, halves = _options(era, half, form)
    _print(lambda: [headers.check_header(file, era=era, halves=halves) for file in files], form)


def _options(era: str | None, half: str | None, form: str) -> tuple[str, tuple[str, ...]]:
    """The era and the halves, once everything that was typed is known to mean something."""
    from mmu_gather_conformance.static.formats import FORMATS  # noqa: PLC0415
    from mmu_gather_conformance.static.wanted import HALVES  # noqa: PLC0415

    _known("format", form, FORMATS)
    if half is not None:
        _known("half", half, HALVES)
    return typed_names.known_contract(era), () if half is None else (half,)


def _known(what: str, name: str, known: Iterable[str]) -> None:
    names = tuple(known)
    if name not in names:
        raise Unknown(what, name, names)


def _print(check: Callable[[], list[PortTypes]], form: str) -> NoReturn:
    """Check, print, and exit."""
    from mmu_gather_conformance.static.formats import FORMATS, good  # noqa: PLC0415

    reports = _checked(check)
    text = FORMATS[form](reports)
    if text:
        click.echo(text)
    sys.exit(0 if good(reports) else 1)


def _checked(check: Callable[[], T]) -> T:
    """What a check comes to; where it comes to nothing, one line and an exit code."""
    from mmu_gather_conformance.static.verdict import CannotCheck, NotThere  # noqa: PLC0415

    try:
        return check()
    except NotThere as error:
        raise Refused(str(error)) from error
    except CannotCheck as error:
        click.echo(str(error), err=True)
        sys.exit(BROKEN)


def types_of(ports: tuple[str, ...], era: str | None, halves: tuple[str, ...]) -> dict[str, PortTypes]:
    """The static verdicts for a run of these ports, by their names."""
    from mmu_gather_conformance.static import beside  # noqa: PLC0415

    if not any(port.startswith("py:") for port in ports):
        raise Refused("--check-types needs a port in Python, such as py:mine/port.py; a header has check-header")
    return _checked(lambda: beside.types_of(ports, era, halves))


def put_beside(report: Report, types: dict[str, PortTypes]) -> None:
    """Put them into the run's report, if there are any."""
    for port in report.ports:
        if port.port in types:
            from mmu_gather_conformance.static import beside  # noqa: PLC0415

            beside.put_beside(port, types[port.port])
