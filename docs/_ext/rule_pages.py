# SPDX-License-Identifier: GPL-2.0-only
"""Pages made from the specification: one for each mechanism, the errata, the eras, the API, and Kconfig.

Nothing normative is written by hand twice: what these pages say is read from the rules, the contract and
the declarations when the documentation is built.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

from mmu_gather_conformance import kconfig_table, mutants, names
from mmu_gather_conformance.ports import names_in
from mmu_gather_spec import EDITION, kernel
from mmu_gather_spec.arch import ARCHS
from mmu_gather_spec.contract import ARCH_HALF, GENERIC_HALF, HASH64_HALF
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.errata import ERRATA
from mmu_gather_spec.rule import Rule, Standing
from mmu_gather_spec.rules import RULES

SPDX = ".. SPDX-License-Identifier: GPL-2.0-only\n\n"


def title(text: str, under: str = "=") -> str:
    """A heading."""
    return f"{text}\n{under * len(text)}\n\n"


def anchor(rule_id: str) -> str:
    """The label of a rule."""
    return "rule-" + rule_id.replace(".", "-")


def status(rule: Rule) -> Iterator[str]:
    """A rule's standing in each era."""
    for era, each in rule.status.items():
        errata = ", ".join(f":ref:`{number} <erratum-{number}>`" for number in sorted(each.errata))
        yield f"``{era}``: {each.standing.value}" + (f" ({errata})" if errata else "")


def rule_entry(rule: Rule) -> str:
    """One rule, with all that is known of it."""
    breaking = [line for line in names.describe(rule.id).splitlines() if line.startswith("broken by")]  # type: ignore[union-attr]
    monitor = type(rule.monitor)
    rows = [
        ("Binds", f"the {rule.binds.value}"),
        ("Where", rule.where),
        ("Evidence", rule.evidence.value),
        ("Source", "; ".join(f"``{source}``" for source in rule.sources)),
        ("Status", "; ".join(status(rule))),
        ("Monitor", f"``{monitor.__module__}.{monitor.__name__}``"),
        ("Broken by", breaking[0].removeprefix("broken by ")),
        ("Row", rule.row),
    ]
    fields = "".join(f":{name}: {text}\n" for name, text in rows)
    return f".. _{anchor(rule.id)}:\n\n{title(rule.id, '-')}**{rule.level.value}.** {rule.sentence}\n\n{fields}\n"


def mechanism_page(mechanism: str) -> str:
    """All rules of a mechanism."""
    rules = [rule for rule in RULES.values() if rule.mechanism == mechanism]
    return SPDX + title(f"Rules: {mechanism}") + "".join(map(rule_entry, rules))


def rules_index() -> str:
    """Every rule in one table, and the pages that hold them."""
    mechanisms = sorted({rule.mechanism for rule in RULES.values()})
    rows = "".join(
        f"   * - :ref:`{rule.id} <{anchor(rule.id)}>`\n     - {rule.level.value}\n     - {rule.sentence}\n"
        for rule in RULES.values()
    )
    table = ".. list-table::\n   :header-rows: 1\n   :widths: 30 8 62\n\n   * - id\n     - level\n"
    table += f"     - sentence\n{rows}\n"
    tree = ".. toctree::\n\n" + "".join(f"   rules-{mechanism}\n" for mechanism in mechanisms)
    intro = f"{len(RULES)} rules, edition {EDITION}.  Cite a rule by its id and the edition.\n\n"
    return SPDX + title("The rules") + intro + table + tree


def errata_page() -> str:
    """The seed's own defects, and the rules that are as-written because of them."""
    text = SPDX + title("Errata of the seed")
    text += (
        "Where an era's own code breaks a rule, the rule is *as-written* there: a port passes with the defect or "
        "without it, and the report says which.  No rule asks for a defect.\n\n"
    )
    for erratum in ERRATA.values():
        bound = [rule for rule in RULES.values() if _names(rule, erratum.number)]
        where = f"seed lines {erratum.seed[0]}-{erratum.seed[1]}" if erratum.seed else "not in the seed's text"
        text += f".. _erratum-{erratum.number}:\n\n" + title(f"{erratum.number}: {erratum.title}", "-")
        text += f":Needs: {erratum.needs}\n:Harmless: {erratum.benign}\n:Where: {where}\n:As written: "
        text += ", ".join(f":ref:`{rule.id} <{anchor(rule.id)}>`" for rule in bound) + "\n\n"
    return text


def _names(rule: Rule, number: str) -> bool:
    return any(each.standing is Standing.AS_WRITTEN and number in each.errata for each in rule.status.values())


def eras_page() -> str:
    """Eras and architectures."""
    text = SPDX + title("Eras and architectures") + title("Eras", "-")
    text += "".join(f"``{era.name}`` ({era.date})\n   {era.summary}\n\n" for era in ERAS.values())
    text += title("Architectures", "-")
    for arch in ARCHS.values():
        walks = ", ".join(sorted(arch.hw_walks_linux_tables)) or "no level"
        text += (
            f"``{arch.name}``\n   {arch.bits_per_long}-bit.  Its flush interrupts: {arch.flush_ipi_reaches.value}.  "
            f"Stale translations live in {arch.translation.value}.  Hardware reads of the Linux tables: {walks}.  "
            f"It {'selects' if arch.selects_table_batching else 'does not select'} the batching of tables; "
            f"MAX_PGTABLE_INDEX_SIZE is {arch.max_pgtable_index_size:#x}.\n\n"
        )
    return text


def api_page() -> str:
    """The contract, function by function, and the kernel's services."""
    text = SPDX + title("The kernel API")
    for heading, chosen in (
        ("The generic half", GENERIC_HALF),
        ("The arch half", (*ARCH_HALF, *HASH64_HALF)),
    ):
        text += title(heading, "-")
        for name in chosen:
            text += _literal(names.describe(name) or "")
    text += title("The kernel's services", "-")
    for name, function in vars(kernel).items():
        if (
            inspect.isfunction(function)
            and function.__module__ == kernel.__name__
            and name not in ("booted", "running")
        ):
            signature = str(inspect.signature(function)).replace("'", "")
            text += _literal(f"{name}{signature}\n\n{inspect.getdoc(function)}")
    return text


def _literal(text: str) -> str:
    return "::\n\n" + "".join(f"   {line}\n" if line else "\n" for line in text.splitlines()) + "\n"


def mutants_page() -> str:
    """Every mutant and what it gets wrong."""
    rows = "".join(f"``{name}``\n   {summary}\n\n" for name, summary in names.LISTS["mutants"]())
    rest = "".join(f"``{name}``\n   {summary}\n\n" for name, summary in names.LISTS["variants"]())
    count = len(names_in(mutants))
    text = SPDX + title("Mutants and legal variants") + f"{count} wrong implementations, each caught by its rule.\n\n"
    return text + rows + title("Legal variants", "-") + rest


def pages() -> dict[str, str]:
    """Every generated page by its name."""
    made = {f"rules-{rule.mechanism}": mechanism_page(rule.mechanism) for rule in RULES.values()}
    return made | {
        "rules": rules_index(),
        "errata": errata_page(),
        "eras": eras_page(),
        "api": api_page(),
        "mutants": mutants_page(),
        "kconfig-table": ":orphan:\n\n" + SPDX + title("The Kconfig closure") + kconfig_table.as_rst(),
    }


def write(folder: Path) -> None:
    """Write the pages that have changed."""
    folder.mkdir(exist_ok=True)
    for name, text in pages().items():
        path = folder / f"{name}.rst"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
