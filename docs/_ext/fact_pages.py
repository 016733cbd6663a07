# SPDX-License-Identifier: GPL-2.0-only
"""What the rules are judged by, as pages: eras, architectures, scenarios, mutants, verdicts, a violation, Kconfig.

All of it is read from the specification and the suite, or is what the suite prints.
"""

from __future__ import annotations

import era_pages
import result_pages
import rst
from mmu_gather_conformance import kconfig_table, names
from mmu_gather_conformance.check import check
from mmu_gather_conformance.replaying import Replayed, repeat
from mmu_gather_conformance.scenarios import SCENARIOS
from mmu_gather_conformance.terminal import CLOSING, first_of_each_rule
from mmu_gather_conformance.verdict import EXITS, Verdict
from mmu_gather_spec.arch import ARCHS, Arch, FlushIpi
from mmu_gather_spec.eras import DEFAULT_ERA, ERAS, Era
from mmu_gather_spec.kconfig_eras import families
from rule_pages import comments

#: The violation that is drawn and explained: one that needs somebody beside the port.
WITNESS_PORT = "mutant:no_ipi_on_fallback"
WITNESS_LITMUS = "no-memory"
WITNESS_RULE = "walk.never-a-freed-table"


def eras_page() -> str:
    """Eras and architectures."""
    text = rst.SPDX + ":hide-toc:\n\n" + rst.title("Eras and architectures") + rst.html("wide.html")
    text += rst.title("Eras", "-")
    text += (
        "An era is a form of the code that existed or was proposed. A port is held to one era's law, to "
        f"``{DEFAULT_ERA}`` unless it says otherwise.\n\n"
    )
    text += "".join(map(era_entry, ERAS.values()))
    text += "What each has of its own is shown beside the era before it:\n\n" + era_pages.listed()
    text += rst.title("Architectures", "-")
    text += (
        "An architecture enters a rule by what it guarantees, one fact at a time. So the same trace may be harmless "
        "where the hardware never reads the Linux tables, and a use after free where it does.\n\n"
    )
    return text + arch_table()


def era_entry(era: Era) -> str:
    """One era."""
    text = f"{rst.inline(era.summary)}."
    if era.absent:
        text += " It does not have " + ", ".join(f"``{name}``" for name in sorted(era.absent)) + "."
    text += " It is modelled on " + ", ".join(f"``{arch}``" for arch in era.archs) + "."
    powerpc = families(era.name)[0]
    line = powerpc.selects[powerpc.own]
    if line.symbol:
        text += f" powerpc asks for the batching by ``{line.source.phrase}``."
    return rst.definition(f"``{era.name}``, {era.date}", f"{text} {result_pages.evidence(era.name)}")


def arch_table() -> str:
    """Facts down, architectures across."""
    archs = list(ARCHS.values())
    header = ("", *(f"``{arch.name}``" for arch in archs))
    facts = {name: [row[name] for row in map(facts_of, archs)] for name in facts_of(archs[0])}
    said = comments(FlushIpi)
    legend = "".join(rst.definition(f"``{each.value}``", rst.inline(said[each.name])) for each in FlushIpi)
    rows = ((name, *values) for name, values in facts.items())
    return rst.table(header, rows) + "Whom a flush interrupts:\n\n" + legend


def facts_of(arch: Arch) -> dict[str, str]:
    """What an architecture guarantees, in words."""
    return {
        "bits in a word": str(arch.bits_per_long),
        "a flush interrupts": f"``{arch.flush_ipi_reaches.value}``",
        "stale translations live in": rst.inline(arch.translation.value),
        "hardware reads the Linux tables of level": ", ".join(sorted(arch.hw_walks_linux_tables)) or "none",
        "a walker must pin pages speculatively": _yes(arch.pages_need_speculative_get),
        "selects the batching of tables": _yes(arch.selects_table_batching),
        "``MAX_PGTABLE_INDEX_SIZE``": f"{arch.max_pgtable_index_size:#x}",
        "shift of a PMD table": str(arch.pmd_shift or "folded"),
        "address spaces share PMD tables": _yes(arch.shares_pmd_tables),
    }


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"


def mutants_page() -> str:
    """Every mutant and every legal variant, with what it does otherwise."""
    text = rst.SPDX + rst.title("Mutants and legal variants")
    text += (
        "A *mutant* is the reference with one thing wrong. It is there so that a rule can be seen to bite: a rule that "
        "nothing can break says nothing. A *legal variant* is the reference done in another correct way. It is there "
        "so that a rule cannot be the reference's own trace in disguise.\n\n"
    )
    for heading, kind in (("Mutants", "mutants"), ("Legal variants", "variants")):
        text += rst.title(heading, "-")
        for name, summary in names.LISTS[kind]():
            text += rst.target("port", name) + rst.title(name, "~") + f"{rst.inline(summary)}\n\n"
    return text


def scenarios_page() -> str:
    """What callers do."""
    text = rst.SPDX + rst.title("Scenarios")
    text += (
        "A scenario is what a caller does with a gather, and which answers the kernel may give meanwhile. A case is "
        "a scenario on a machine, ``scenario/arch`` or ``scenario/arch/configuration``. A scenario marked as a "
        "*misuse* breaks a duty of the caller on purpose, and its rule must say so whatever the port makes of it.\n\n"
    )
    for scenario in SCENARIOS.values():
        misuse = f" Misuse: {rst.ref('rule', scenario.misuse)}." if scenario.misuse else ""
        text += rst.target("scenario", scenario.name) + rst.definition(
            f"``{scenario.name}``", rst.inline(scenario.summary) + misuse
        )
    return text


def verdicts() -> str:
    """The verdicts, and how the command exits after each."""
    said = comments(Verdict)
    rows = (
        (f"``{each.value}``", rst.inline(said[each.name]), f"{EXITS[each]:d}, {CLOSING[EXITS[each]]}")
        for each in Verdict
    )
    return rst.table(("verdict", "meaning", "exit code"), rows, "24 46 30")


def example_replayed() -> Replayed:
    """The witness that the guide to interleavings shows, from the file that its command saves."""
    report = check(WITNESS_PORT, archs=["hash64"], keyword=f"{WITNESS_LITMUS}/")
    found = next(found for _, found, _ in first_of_each_rule(report) if found.rule == WITNESS_RULE)
    return repeat(found.failure, WITNESS_PORT, in_process=True)


def kconfig_matrix() -> str:
    """The Kconfig closure of the patch."""
    return kconfig_table.as_rst()


def kconfig_of_eras() -> str:
    """The Kconfig closures of the other eras, where they differ from the one before."""
    text, before = "", kconfig_table.as_rst()
    for era in ERAS:
        if era != DEFAULT_ERA and (now := kconfig_table.as_rst(era)) != before:
            text += rst.title(era, "-") + now + "\n"
    return text
