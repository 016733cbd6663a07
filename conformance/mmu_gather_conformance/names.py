# SPDX-License-Identifier: GPL-2.0-only
"""What there is, by name: the lists and the descriptions that the command prints.

All of it is read from the specification and the suite; nothing is kept here.
"""

from __future__ import annotations

import importlib
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Final

from mmu_gather_spec.arch import ARCHS
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.errata import ERRATA, EXPLAINED, Erratum, in_order
from mmu_gather_spec.history import known_in, mended_in
from mmu_gather_spec.rule import Rule
from mmu_gather_spec.rules import RULES

from mmu_gather_conformance import functions, litmus_words, mutants, variants
from mmu_gather_conformance.cases import ARCH_NAMES, cases
from mmu_gather_conformance.era_diff import words
from mmu_gather_conformance.litmus import Litmus
from mmu_gather_conformance.litmuses import LITMUSES
from mmu_gather_conformance.ports import KINDS, names_in
from mmu_gather_conformance.scenarios import SCENARIOS

Rows = Iterator[tuple[str, str]]


def _deltas(package: ModuleType, kind: str) -> Rows:
    for name in names_in(package):
        module = importlib.import_module(f"{package.__name__}.{name}")
        yield f"{kind}:{name}", (inspect.getdoc(module) or "").partition("\n\n")[0].replace("\n", " ")


def _mutants() -> Rows:
    return _deltas(mutants, "mutant")


def _variants() -> Rows:
    return _deltas(variants, "variant")


def _rules() -> Rows:
    for rule in RULES.values():
        yield rule.id, f"{rule.level.value}: {rule.sentence}"


def _scenarios() -> Rows:
    for scenario in SCENARIOS.values():
        yield scenario.name, scenario.summary


def _litmuses() -> Rows:
    for litmus in LITMUSES.values():
        yield litmus.name, litmus.comment


def _cases() -> Rows:
    for era in ERAS:
        for case in cases(ARCH_NAMES, era):
            yield case.id, era


def _ports() -> Rows:
    yield from KINDS.items()
    for era in ERAS:
        yield f"ref:{era}", ERAS[era].summary


def _archs() -> Rows:
    for arch in ARCHS.values():
        flush = f"flush interrupts: {arch.flush_ipi_reaches.value}"
        yield arch.name, f"{arch.bits_per_long}-bit; {flush}; stale translations in {arch.translation.value}"


def _eras() -> Rows:
    for era in ERAS.values():
        yield era.name, f"{era.date}: {era.summary}"


def _historic() -> Rows:
    from mmu_gather_conformance.historic import HISTORIC, Replay  # noqa: PLC0415 - who names a port has no use for it

    for bug in HISTORIC.values():
        rule = bug.how.rule if isinstance(bug.how, Replay) else "outside-model"
        yield f"{bug.number:4} {bug.year}  {bug.cited}", f"{rule:36} {bug.brief}"


def _errata() -> Rows:
    for number in in_order((*ERRATA, *EXPLAINED)):
        if number in EXPLAINED:
            yield f"{number:4} no erratum", EXPLAINED[number].partition(". ")[0].rstrip(".")
        else:
            mended = mended_in(number)
            yield f"{number:4} {f'mended in {mended}' if mended else 'not mended yet'}", ERRATA[number].title


LISTS: Final[dict[str, Callable[[], Rows]]] = {
    "rules": _rules,
    "scenarios": _scenarios,
    "litmuses": _litmuses,
    "cases": _cases,
    "ports": _ports,
    "mutants": _mutants,
    "variants": _variants,
    "archs": _archs,
    "eras": _eras,
    "historic": _historic,
    "errata": _errata,
}


def ports() -> list[str]:
    """Every port that has a name of its own; modules and libraries have none."""
    deltas = [f"mutant:{name}" for name in names_in(mutants)] + [f"variant:{name}" for name in names_in(variants)]
    return ["ref", *(f"ref:{era}" for era in ERAS), *deltas]


def describable() -> list[str]:
    """What `describe` knows."""
    return [*RULES, *LITMUSES, *ERRATA, *EXPLAINED, *functions.known()]


def describe(name: str, /, era: str | None = None) -> str | None:
    """A rule, a litmus, an erratum, or a function of the kernel API, in words; None for none of them.

    era: the contract in which a function is looked up, if not the default era's or the first that has it.
    """
    if name in RULES:
        return _rule(RULES[name])
    if name in LITMUSES:
        return _litmus(LITMUSES[name])
    if name in ERRATA:
        return _erratum(ERRATA[name])
    if name in EXPLAINED:
        return "\n".join([f"{name}  no erratum", "", *textwrap.wrap(EXPLAINED[name], 90, break_on_hyphens=False)])
    return functions.describe(name, era)


def _rule(rule: Rule) -> str:
    breaking = [
        f"mutant:{name}"
        for name in names_in(mutants)
        if rule.id == importlib.import_module(f"{mutants.__name__}.{name}").BREAKS
    ]
    statuses = [f"  {era:16} {words(status)}" for era, status in rule.status.items()]
    monitor = type(rule.monitor)
    return "\n".join(
        [
            f"{rule.id}  {rule.level.value}",
            "",
            *textwrap.wrap(rule.sentence, 90),
            "",
            f"binds:    the {rule.binds.value}",
            f"where:    {rule.where}",
            f"evidence: {rule.evidence.value}",
            *(f"source:   {source}" for source in rule.sources),
            f"monitor:  {monitor.__module__}.{monitor.__name__}",
            f"broken by {', '.join(breaking) or 'no mutant yet'}",
            "status by era:",
            *statuses,
        ]
    )


def _litmus(litmus: Litmus) -> str:
    rows = [
        ("begins", litmus_words.begins(litmus)),
        *litmus_words.cpus(litmus),
        ("forbidden", litmus.forbidden),
        ("", RULES[litmus.forbidden].sentence),
        ("asked", litmus_words.QUESTION),
        ("sister", litmus.sister),
        ("archs", ", ".join(litmus.archs) or "all"),
        ("run", f"mmu-gather run ref -k {litmus.name}/"),
    ]
    lines = [litmus.name, "", *textwrap.wrap(litmus.comment, 90), "", *_table(rows)]
    return "\n".join([*lines, "", *textwrap.wrap(f"{litmus_words.NAMING}.", 90)])


def _erratum(erratum: Erratum) -> str:
    from mmu_gather_conformance import defects  # noqa: PLC0415 - it can run ports, and most names need none

    number, mended = erratum.number, mended_in(erratum.number)
    rows = [
        ("needs", erratum.needs),
        ("harmless", erratum.benign),
        ("where", erratum.place),
        ("known in", ", ".join(known_in(number))),
        ("mended", f"in {mended}" if mended else "not yet"),
        ("rules", ", ".join(defects.rules_of(number))),
    ]
    shown = defects.SHOWN.get(number)
    if shown is None:
        rows.append(("shown by", "mmu-gather kconfig"))
    else:
        port = defects.port_of(defects.era_of(number))
        rows.append(("shown in", f"{shown.case}, of {port}, at step {shown.step}, by {shown.rule}"))
        if shown.later:
            rows.append(("last in", f"{shown.later}, of {defects.port_of(known_in(number)[-1])}"))
        rows.append(("shown by", f"mmu-gather replay {number}"))
    return "\n".join([number, "", *textwrap.wrap(erratum.title, 90), "", *_table(rows)])


def _table(rows: Iterable[tuple[str, str]]) -> list[str]:
    """A word on the left, and what is said of it on the right, in as many lines as that takes."""
    lines = []
    for word, said in rows:
        first, *rest = textwrap.wrap(said, 90, break_on_hyphens=False)
        lines += [f"{word + ':' if word else '':11}{first}", *(f"{'':11}{line}" for line in rest)]
    return lines
