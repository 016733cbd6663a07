# SPDX-License-Identifier: GPL-2.0-only
"""The command `mmu-gather`: names from a person, one function each, an exit code.

Here are the commands that run ports; those that only tell are in `telling`.  Nothing is decided here.  Every command
imports what it needs when it runs, so that `--help` is quick; a bad name gets one line with the nearest ones and exit
code 2, and no user ever sees a Python traceback.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mmu_gather_conformance import outputs, telling, typed_names
from mmu_gather_conformance.refused import Refused
from mmu_gather_conformance.static import commands

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mmu_gather_conformance.page.render import Hosts
    from mmu_gather_conformance.replaying import Replayed
    from mmu_gather_conformance.report import Failure, Report

#: Where violating runs are saved.
FAILURES = Path(".mmu-gather")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mmu-gather")
def cli() -> None:
    """Hold implementations of RCU page-table freeing to the mmu_gather specification.

    A PORT is ref, ref:ERA, py:MODULE, py:FILE.py, so:PATH, linux:TREE, mutant:NAME or variant:NAME.
    """


def _widths(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[int, ...]:
    from mmu_gather_conformance.config import WIDTHS  # noqa: PLC0415

    return WIDTHS if value is None else (int(value),)


_bits = click.option(
    "--bits", type=click.Choice(["32", "64"]), callback=_widths, help="Only on machines whose words have so many bits."
)


@cli.command()
@click.argument("ports", nargs=-1, required=True, metavar="PORT...")
@click.option("--arch", "archs", multiple=True, metavar="NAME", help="Only on this arch; may be repeated.")
@click.option("--era", metavar="NAME", help="Hold the ports to this era instead of their own.")
@click.option("--rule", default="*", metavar="GLOB", help="Only rules whose id matches.")
@click.option("-k", "keyword", default="", metavar="EXPR", help="Only cases whose id contains all these words.")
@_bits
@click.option("--generic", "only_half", flag_value="generic", help="Use only the generic half of what a port brings.")
@click.option("--arch-half", "only_half", flag_value="arch", help="Use only the arch half of what a port brings.")
@outputs.options
@click.option("--baseline", "baseline_file", type=click.Path(dir_okay=False, path_type=Path), help="Known violations.")
@click.option("--in-process", is_flag=True, help="Run the ports in this process, for a debugger.")
@click.option("--seconds", default=20.0, show_default=True, help="How long one case may take.")
@click.option("--jobs", default=0, metavar="N", help="Processes to use; as many as there are CPUs by default.")
@click.option("--timings", is_flag=True, help="Print what recording costs for each effect.")
@click.option("--check-types", "typed", is_flag=True, help="Put a static verdict beside the rules: py: ports, by mypy.")
def run(ports: tuple[str, ...], era: str | None, only_half: str | None, jobs: int, **options: Any) -> None:
    """Hold ports to the rules of their era, and report."""
    from mmu_gather_conformance import check, report  # noqa: PLC0415

    for port in ports:
        typed_names.known_port(port)
    jobs = 1 if options["in_process"] else jobs or min(4, os.cpu_count() or 1)
    known = _baseline(options["baseline_file"])
    halves = (only_half,) if only_half else report.BOTH
    types = commands.types_of(ports, era, halves if only_half else ()) if options["typed"] else {}
    wanted: dict[str, Any] = {
        "archs": typed_names.known_arch(options["archs"]),
        "bits": options["bits"],
        "era": typed_names.known_era(era),
        "rule": typed_names.known_rule(options["rule"]),
    }
    how: dict[str, Any] = {"halves": halves, "seconds": options["seconds"], "in_process": options["in_process"]}
    with _writing():
        outputs.begin(ports, options)
    found = check.check_all(ports, keyword=options["keyword"], jobs=jobs, **wanted, **how)
    commands.put_beside(found, types)
    _finish(found, known, options, lambda port, era: check.open_host(port, era, **how)[0])


@contextmanager
def _writing() -> Iterator[None]:
    """A file that cannot be written is a wrong name."""
    try:
        yield
    except OSError as error:
        raise Refused(f"{error.filename}: {error.strerror}") from error


def _baseline(path: Path | None) -> dict[str, dict[str, list[str]]]:
    """The known violations, read before the run so that a bad file costs nothing."""
    if path is None:
        return {}
    from mmu_gather_conformance import baseline, saved  # noqa: PLC0415

    try:
        return baseline.load(path)
    except saved.BadFile as error:
        raise Refused(str(error)) from error


def _finish(report: Report, known: dict[str, dict[str, list[str]]], options: dict[str, Any], hosts: Hosts) -> None:
    """Save, print, write, and exit."""
    from mmu_gather_conformance import baseline, summary  # noqa: PLC0415

    if known:
        baseline.apply(report, known)
    summary.save_failures(report, FAILURES)
    with _writing():
        outputs.write(report, options, hosts)
    sys.exit(summary.show(report, timings=options["timings"]))


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("port", required=False)
@click.option("--in-process", is_flag=True, help="Run the port in this process, for a debugger.")
@click.option("--step", is_flag=True, help="Step through it with keys, forwards and back.")
@click.option("--svg", "svg_file", type=click.Path(dir_okay=False, path_type=Path), help="Draw it.")
def replay(file: Path, port: str | None, in_process: bool, step: bool, svg_file: Path | None) -> None:
    """Repeat the run that a FILE holds, on the port it is of or on another.

    The number of an erratum stands for the shortest run that shows it.
    """
    from mmu_gather_conformance import replaying  # noqa: PLC0415

    failure = _saved(file)
    name = typed_names.known_port(port or failure.port)
    replayed = replaying.repeat(failure, name, in_process=in_process)
    if (step or svg_file) and not replayed.trace:
        raise click.UsageError("\n".join((*replayed.head, "there is no single run to step through or to draw")))
    if svg_file is not None:
        _draw(replayed, svg_file)
    if step:
        from mmu_gather_conformance.lanes import pager, stepper  # noqa: PLC0415

        pager.page(stepper.steps(replayed.trace, replayed.at, replayed.rule))
    for line in (*replayed.head, *replayed.verdicts) if step else replayed.lines():
        click.echo(line)
    sys.exit(replayed.exit)


def _saved(file: Path) -> Failure:
    """What is to be repeated: a file, or the run of an erratum."""
    from mmu_gather_spec.errata import ERRATA  # noqa: PLC0415

    from mmu_gather_conformance import defects, saved  # noqa: PLC0415

    if not file.exists() and (number := str(file)) in ERRATA:
        if defects.is_built(number):
            raise Refused(f"{number} is about what is built, and nothing runs: see mmu-gather kconfig")
        return defects.found(number).failure
    try:
        return saved.load(file)
    except saved.BadFile as error:
        raise Refused(str(error)) from error


def _draw(replayed: Replayed, file: Path) -> None:
    """Draw what came of a replay."""
    from mmu_gather_conformance.lanes.seed_lines import seed_lines  # noqa: PLC0415
    from mmu_gather_conformance.lanes.svg import svg  # noqa: PLC0415

    drawing = svg(replayed.trace, replayed.at, rule=replayed.rule, steps=seed_lines(replayed.trace))
    try:
        file.write_text(drawing, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}") from error


@cli.command()
@click.option("--json", "form", flag_value="json", help="As JSON.")
@click.option("--html", "form", flag_value="html", help="As a page of its own.")
@click.option("--automatic", is_flag=True, help="Also every change that a mutation operator makes to the reference.")
@click.option("--thorough", is_flag=True, help="With --automatic: doubt the list of those that are correct, too.")
@click.option("--jobs", default=0, metavar="N", help="Processes to use; as many as there are CPUs by default.")
def matrix(form: str | None, automatic: bool, thorough: bool, jobs: int) -> None:
    """Show each rule beside what breaks it: everything that is wrong has to be caught."""
    from mmu_gather_conformance.falsify import matrix, matrix_words  # noqa: PLC0415

    made = matrix.matrix(automatic=automatic, thorough=thorough, jobs=jobs or min(4, os.cpu_count() or 1))
    forms = {"json": matrix_words.as_json, "html": matrix_words.as_html}
    click.echo(forms[form](made) if form else "\n".join(matrix_words.lines(made)))
    sys.exit(0 if made.good() else 1)


@cli.command()
@click.argument("one")
@click.argument("other")
@click.option("--examples", default=500, show_default=True, help="How many random call sequences.")
@click.option("--seed", type=int, help="Repeat the sequences of this seed.")
@click.option("--arch", "archs", multiple=True, metavar="NAME", help="Only on this arch; may be repeated.")
@_bits
@click.option("--exact", is_flag=True, help="Every effect has to be the same: of two ports of one era's text.")
@click.option("--jobs", default=0, metavar="N", help="With --exact: processes to use; one for each CPU by default.")
def compare(
    one: str, other: str, examples: int, seed: int | None, archs: tuple[str, ...], bits: tuple[int, ...], exact: bool,
    jobs: int,
) -> None:  # fmt: skip
    """Drive two ports through random call sequences and compare what becomes of each table.

    With --exact, also through every scenario under every pattern of answers, and event by event; OTHER is then a port
    that ships with the suite, such as the reference of the era.
    """
    from mmu_gather_conformance import summary  # noqa: PLC0415
    from mmu_gather_conformance.config import WIDTHS  # noqa: PLC0415

    for port in (one, other):
        typed_names.known_port(port)
    if bits != WIDTHS and not exact:
        raise click.UsageError("--bits goes with --exact; --arch hash32 has words of 32 bits only")
    if exact:
        jobs = jobs or min(4, os.cpu_count() or 1)
        sys.exit(summary.compare_exactly(one, other, examples, seed or 0, typed_names.known_arch(archs), bits, jobs))
    sys.exit(summary.compare(one, other, examples, seed, typed_names.known_arch(archs), FAILURES))


@cli.command()
@click.argument("port")
@click.option("--examples", default=200, show_default=True, help="How many random litmus tests.")
@click.option("--seed", default=0, show_default=True, help="The same seed makes the same ones.")
@click.option("--arch", "archs", multiple=True, metavar="NAME", help="Only on this arch; may be repeated.")
def explore(port: str, examples: int, seed: int, archs: tuple[str, ...]) -> None:
    """Put random litmus tests to a PORT, and search every interleaving of each."""
    from mmu_gather_conformance import summary  # noqa: PLC0415

    sys.exit(summary.explore(typed_names.known_port(port), examples, seed, typed_names.known_arch(archs), FAILURES))


for command in (*telling.COMMANDS, commands.check_types, commands.check_header):
    cli.add_command(command)


def main() -> None:
    """The command's entry; what nobody foresaw is the suite's fault and says so in one line."""
    try:
        cli()
    except Exception as error:
        if os.environ.get("MMU_GATHER_TRACEBACK"):
            raise
        click.echo(
            f"internal error: {type(error).__name__}: {error}; please report it (MMU_GATHER_TRACEBACK=1 shows where)",
            err=True,
        )
        sys.exit(6)


if __name__ == "__main__":
    main()
