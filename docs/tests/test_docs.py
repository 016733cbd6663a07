# SPDX-License-Identifier: GPL-2.0-only
"""The generated pages hold all that they should, once; the others name nothing that is not there."""

from __future__ import annotations

import inspect
import pkgutil
import re
import textwrap
from pathlib import Path

import era_pages
import evolution_pages
import litmus_pages
import machine_pages
import pages
import pytest
import results
import rst
from mmu_gather_conformance import ports
from mmu_gather_conformance.cli import cli
from mmu_gather_conformance.historic import HISTORIC, Replay
from mmu_gather_conformance.interleave.effects import GUARDS
from mmu_gather_conformance.interleaving import PROGRAMS
from mmu_gather_conformance.litmuses import LITMUSES, OUTSIDE_MODEL
from mmu_gather_conformance.names import LISTS
from mmu_gather_conformance.scenarios import SCENARIOS
from mmu_gather_conformance.verdict import Verdict
from mmu_gather_reference import machine
from mmu_gather_spec.bound import rules_binding
from mmu_gather_spec.contract import ARCH_HALF, CONTRACT_ERAS, GENERIC_HALF, HASH64_HALF, contract_of
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.rule import Rule
from mmu_gather_spec.rules import RULES

DOCS = Path(__file__).parents[1]

# One worker makes the pages.
pytestmark = pytest.mark.xdist_group("pages")

WRITTEN = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.rst")}


def holders(made: dict[str, str], text: str) -> list[str]:
    """The pages that hold a text, once for each time that they hold it."""
    return [name for name, page in made.items() for _ in range(page.count(text))]


def test_every_rule_is_on_the_page_of_its_mechanism_and_nowhere_else(made: dict[str, str]) -> None:
    for rule in RULES.values():
        assert holders(made, f".. rule:: {rule.id}\n") == [f"rules-{rule.mechanism}.rst"]


def entry_of(made: dict[str, str], rule: Rule) -> str:
    """What its page says of a rule."""
    page = made[f"rules-{rule.mechanism}.rst"]
    return page[page.index(f".. rule:: {rule.id}\n") :].partition("\n.. rule::")[0]


def test_a_rule_says_whom_it_binds_where_it_can_be_read_who_checks_it_and_what_breaks_it(
    made: dict[str, str],
) -> None:
    for rule in RULES.values():
        entry = entry_of(made, rule)
        asked = ("Binds", "Where", "Architectures", "Evidence", "Source", "Asked by", "Broken by")
        assert [name for name in (*asked, "History") if f"\n   :{name}:" not in entry] == []
        assert f"py:class:: {type(rule.monitor).__name__}\n      :module: {type(rule.monitor).__module__}\n" in entry


def rows(text: str) -> list[list[str]]:
    """The cells of the first table of a text."""
    found: list[list[str]] = []
    for line in map(str.strip, text.splitlines()):
        if line.startswith("* -"):
            found.append([line[3:].strip()])
        elif found and line.startswith("-"):
            found[-1].append(line[1:].strip())
        elif found:
            break
    return found


def test_a_rule_says_in_each_era_what_it_is_there_and_what_each_implementation_came_to(made: dict[str, str]) -> None:
    """A row for each era; where an era is not held to the rule there are dashes, and no verdict."""
    for rule in RULES.values():
        entry = entry_of(made, rule)
        header, *told = rows(entry)
        assert header == ["era", "standing", "reference", "others", "cases", "litmus tests", "states"]
        assert [row[0] for row in told] == [f"``{era}``" for era in ERAS]
        for era, row in zip(ERAS, told, strict=True):
            status = rule.status_in(era)
            judged = [port.rules[rule.id] for port in results.of_era(era) if rule.id in port.rules]
            assert row[1].partition(",")[0] == status.standing.value
            assert sum(cell.count("passed") for cell in row) == len(judged)
            assert bool(judged) is status.judges()
            if judged:
                assert row[4:] == [str(judged[0].cases), str(judged[0].litmuses), str(judged[0].states)]
            else:
                assert row[2:] == ["–"] * 5
            for number in status.errata:
                assert rst.ref("erratum", number) in row[1]
                assert rst.ref("erratum", number) in row[2]


def test_every_implementation_has_a_column_and_a_rule_that_an_era_is_not_held_to_is_a_dash(
    made: dict[str, str],
) -> None:
    """Eras in their order; and an era's page has the implementations of that era."""
    seen = []
    for part in made["implementations.rst"].partition("Rule by rule")[2].split(".. list-table::")[1:]:
        header, *told = rows(part)
        assert [each.strip("`") for each in header if each.strip("`") in ERAS] == list(ERAS)
        assert len(header) == 1 + len(results.known())
        seen += told
    by_name = {row[0]: row[1:] for row in seen}
    assert len(by_name) == len(seen) == len(RULES)
    for rule in RULES.values():
        cells = by_name[rst.ref("rule", rule.id, rule.id.partition(".")[2])]
        for port, cell in zip(results.known(), cells, strict=True):
            judged = port.rules.get(rule.id)
            expected = [rst.ref("erratum", each) for each in judged.errata] or ["passed"] if judged else ["–"]
            assert sorted(cell.split(", ")) == sorted(expected)
    for _, era in era_pages.PAIRS:
        page = made[f"{era_pages.file_of(era)}.rst"]
        assert [port.port for port in results.of_era(era) if f"``{port.port}``" not in page] == []


def test_every_era_says_how_much_lies_behind_its_law(made: dict[str, str]) -> None:
    """Runs, litmus tests and states, as they are committed."""
    for port in results.known():
        if port.port.startswith("ref:"):
            said = f"{sum(port.answers.values())} litmus tests: {port.states} states, every interleaving of each"
            assert f"was run {port.runs} times in {port.cases} cases, and put to {said}" in made["eras.rst"]


def test_every_litmus_is_there_once_with_its_sister_and_an_answer_for_each_arch(made: dict[str, str]) -> None:
    """And so is what cannot be asked, with its reason."""
    page = made["litmus.rst"]
    for litmus in LITMUSES.values():
        assert holders(made, rst.target("litmus", litmus.name)) == ["litmus.rst"]
        entry = page[page.index(rst.target("litmus", litmus.name)) :].partition("\n.. _")[0]
        assert rst.ref("rule", litmus.forbidden) in entry
        assert rst.ref("litmus", litmus.sister) in entry
        assert rst.inline(litmus.comment) in entry
        answered = [by_litmus[litmus.name] for by_litmus in litmus_pages.answers().values() if litmus.name in by_litmus]
        assert answered
        for by_arch in answered:
            for answer in by_arch.values():
                assert f"- {answer.answer}" in entry
    for each in OUTSIDE_MODEL:
        assert holders(made, rst.target("outside", each.name)) == ["litmus.rst"]
        assert rst.inline(each.reason) in page


def test_every_program_of_the_machine_is_there_with_each_step_that_it_may_take(made: dict[str, str]) -> None:
    page = made["machine.rst"]
    for name in PROGRAMS:
        assert holders(made, rst.target("program", name)) == ["machine.rst"]
        entry = page[page.index(rst.target("program", name)) :].partition("\n.. _")[0]
        assert re.search(r"\n +1  .* end\n|\n +1  (.*\n)+? .* end\n", entry)


def test_every_module_of_the_machine_is_an_agent_or_serves_the_recorder(made: dict[str, str]) -> None:
    agents = {machine_pages.short(module) for module in machine_pages.agents()}
    modules = {found.name for found in pkgutil.iter_modules(machine.__path__)}
    assert modules - agents == {"mm", "page_alloc", "rcu"}
    for name in agents:
        assert holders(made, rst.target("agent", name)) == ["machine.rst"]


def test_every_guard_says_what_it_is(made: dict[str, str]) -> None:
    for name, said in GUARDS.items():
        assert rst.definition(f"``{name}``", f"{rst.inline(said)}.") in made["machine.rst"]


def test_every_function_mutant_variant_scenario_and_verdict_is_there_once(made: dict[str, str]) -> None:
    for name in (*GENERIC_HALF, *ARCH_HALF, *HASH64_HALF):
        assert holders(made, rst.target("api", name)) == ["api.rst"]
    for kind in ("mutants", "variants"):
        for name, _ in LISTS[kind]():
            assert holders(made, rst.target("port", name)) == ["mutants.rst"]
    for name in SCENARIOS:
        assert made["scenarios.rst"].count(f"\n``{name}``\n") == 1
    for verdict in Verdict:
        assert made["verdicts.inc"].count(f"``{verdict.value}``") == 1


def test_every_historic_bug_is_there_once_with_its_run_or_with_what_the_model_lacks(made: dict[str, str]) -> None:
    """The step that offends is marked, unless nothing runs."""
    page = made["historic.rst"]
    for bug in HISTORIC.values():
        assert holders(made, rst.target("historic", bug.number)) == ["historic.rst"]
        entry = page[page.index(rst.target("historic", bug.number)) :].partition("\n.. _")[0]
        if isinstance(bug.how, Replay):
            assert rst.ref("rule", bug.how.rule) in entry
            assert "\n   > " in entry or bug.how.case.startswith("builds/")
        else:
            assert rst.inline(bug.how.reason) in entry


def test_names_in_a_sentence_are_marked_as_code() -> None:
    text = "`*p` in mm/memory.c and tlb_*.c: tlb_flush(), __tlb_remove_table, tlb->batch, _tlbia(x); once and/or twice."
    assert rst.inline(text) == (
        "``*p`` in ``mm/memory.c`` and ``tlb_*.c``: ``tlb_flush()``, ``__tlb_remove_table``, tlb->batch, "
        "``_tlbia(x)``; once and/or twice."
    )


def test_pages_that_are_not_made_any_more_are_removed(tmp_path: Path, made: dict[str, str]) -> None:
    (tmp_path / "rules-gone.rst").write_text("old", encoding="utf-8")
    pages.write(tmp_path)
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == made


def test_every_command_and_option_that_the_guides_name_exists() -> None:
    text = "\n".join(WRITTEN.values())
    named = set(re.findall(r"(?:mmu-gather|conformance\.cli) ([a-z-]+)", text))
    options = {name for command in cli.commands.values() for each in command.params for name in each.opts}
    assert named
    assert named <= set(cli.commands)
    theirs = {"--args", "--parents", "--strict"}  # gdb's, cp's, and mypy's
    assert set(re.findall(r"(?<!\S|\w)(?:``)?(--[a-z][a-z-]+)", text)) - theirs <= options


def test_every_page_begins_with_its_licence(made: dict[str, str]) -> None:
    for name, text in {**WRITTEN, **made}.items():
        assert not name.endswith(".rst") or text.startswith(rst.SPDX), name


def test_every_function_of_every_era_has_a_page_with_its_contract_its_rules_and_its_code(made: dict[str, str]) -> None:
    """Each era is named where it has the function, a rule where it binds it, and the code is there word for word."""
    for era in CONTRACT_ERAS:
        for name, function in contract_of(era).functions.items():
            page = made[f"api-{name}.rst"]
            assert f"``{era}``" in page
            assert evolution_pages.signature(name, function) in page
            for rule in rules_binding(name, RULES, era):
                assert not rule.status_in(era).judges() or rst.ref("rule", rule.id) in page
    for era in ERAS:
        page = made["api-tlb_finish_mmu.rst"]
        generic = [vars(module).get("tlb_finish_mmu") for module in ports.reference_generic(era)]
        source = inspect.getsource(next(each for each in reversed(generic) if each is not None))
        assert textwrap.indent(source, "         ").splitlines()[0] in page
    assert "\n   +" in made["api-tlb_finish_mmu.rst"].partition("What changed")[2]
