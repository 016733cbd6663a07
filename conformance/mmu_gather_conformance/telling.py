# SPDX-License-Identifier: GPL-2.0-only
"""The commands that run no port: what there is, what it says, how it changed, and where to begin.

What they print is made elsewhere.  Each imports what it needs when it runs, as those of `cli` do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from mmu_gather_conformance import typed_names
from mmu_gather_conformance.refused import Refused, Unknown


@click.command("list")
@click.argument("what", default="ports", metavar="WHAT")
def list_(what: str) -> None:
    """List rules, errata, scenarios, litmuses, cases, ports, mutants, variants, archs, eras or historic bugs."""
    from mmu_gather_conformance import names  # noqa: PLC0415

    if what not in names.LISTS:
        raise Unknown("list", what, names.LISTS)
    for name, summary in names.LISTS[what]():
        click.echo(f"{name:40} {summary}".rstrip())


@click.command()
@click.argument("name")
@click.option("--era", metavar="NAME", help="Of a function: as this era's contract has it.")
def show(name: str, era: str | None) -> None:
    """Show a rule, an erratum, a litmus, or a function of the kernel API with its prototypes and its rules."""
    from mmu_gather_conformance import names  # noqa: PLC0415

    text = names.describe(name, typed_names.known_contract(era) if era else None)
    if text is None:
        if era and name in names.describable():
            raise Refused(f"{name} is not in the contract of {era}")
        raise Unknown("rule, erratum, litmus or function", name, names.describable())
    click.echo(text)


@click.command("new-port")
@click.argument("language", metavar="{python|c}")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option("--era", metavar="NAME", help="Of this era's contract; the default era's otherwise.")
def new_port(language: str, folder: Path, era: str | None) -> None:
    """Make a port to fill in: it builds, it runs, and it fails until it is written."""
    from mmu_gather_conformance import scaffold  # noqa: PLC0415

    if language not in scaffold.LANGUAGES:
        raise Unknown("language", language, scaffold.LANGUAGES)
    try:
        made = scaffold.make(language, folder, typed_names.known_contract(era))
    except scaffold.NotEmpty as error:
        raise Refused(str(error)) from error
    for path in made:
        click.echo(f"made {path}")
    click.echo(f"next: read {folder / 'README.md'}")


@click.command()
@click.option("--era", metavar="NAME", help="As this era's Kconfig files have it; the default era's otherwise.")
def kconfig(era: str | None) -> None:
    """Show which configurations build, and which symbol the others miss."""
    from mmu_gather_spec.eras import DEFAULT_ERA  # noqa: PLC0415

    from mmu_gather_conformance.kconfig_table import render  # noqa: PLC0415

    click.echo(render(typed_names.known_era(era) or DEFAULT_ERA), nl=False)


@click.command()
@click.argument("before", metavar="ERA")
@click.argument("after", metavar="ERA")
@click.argument("function", default="", metavar="[FUNCTION]")
def diff(before: str, after: str, function: str) -> None:
    """Show what changed from one era to another: functions, and the rules that changed their standing."""
    from mmu_gather_conformance import era_diff  # noqa: PLC0415

    for era in (before, after):
        typed_names.known_era(era)
    known = {name.partition(" ")[0] for era in (before, after) for name in era_diff.definitions(era)}
    if function and function not in known:
        raise Unknown("function", function, known)
    click.echo("\n".join(era_diff.render(before, after, function)))


COMMANDS: Final = (list_, show, new_port, kconfig, diff)
