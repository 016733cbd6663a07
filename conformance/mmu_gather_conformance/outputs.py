# SPDX-License-Identifier: GPL-2.0-only
"""The files that a run leaves beside what it prints: their options, and the writing of them.

An option is the format's name.  What writes a format is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from mmu_gather_conformance.page.render import Hosts
    from mmu_gather_conformance.report import Report

F = TypeVar("F", bound=Callable[..., Any])

#: option -> what --help says of it
FILES: Final = {
    "--json": "Write the report as JSON.",
    "--junit": "Write JUnit XML.",
    "--ktap": "Write KTAP.",
    "--html": "Write a page for a browser, all in one file.",
    "--write-baseline": "Write down what is violated, as a baseline.",
}


def parameter(option: str, /) -> str:
    """The name under which an option's path is given to the command."""
    return option.strip("-").replace("-", "_") + "_file"


def options(command: F, /) -> F:
    """The options, on a command."""
    for option, said in reversed(FILES.items()):
        path = click.Path(dir_okay=False, path_type=Path)
        command = click.option(option, parameter(option), type=path, help=said)(command)
    return command


def begin(ports: tuple[str, ...], given: Mapping[str, Any], /) -> None:
    """Before a run: a page of an older run must not be taken for this one's, however this one ends.

    Errors: OSError where the page cannot be written.
    """
    path = given[parameter("--html")]
    if path is not None:
        from mmu_gather_conformance.page import render  # noqa: PLC0415

        render.announce(ports, path)


def write(report: Report, given: Mapping[str, Any], hosts: Hosts, /) -> None:
    """After a run: every file that was asked for.  hosts: where a port runs again what a page draws.

    Errors: OSError where one cannot be written.
    """
    from mmu_gather_conformance import baseline, machine_readable  # noqa: PLC0415

    writers = {
        "--json": machine_readable.write_json,
        "--junit": machine_readable.write_junit,
        "--ktap": machine_readable.write_ktap,
        "--write-baseline": baseline.write,
    }
    for option, writer in writers.items():
        path = given[parameter(option)]
        if path is not None:
            writer(report, path)
    path = given[parameter("--html")]
    if path is not None:
        from mmu_gather_conformance.page import render  # noqa: PLC0415

        render.write(report, path, hosts)
