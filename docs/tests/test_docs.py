# SPDX-License-Identifier: GPL-2.0-only
"""The generated pages hold all that they should, once; the others name nothing that is not there."""

from __future__ import annotations

import inspect
import pkgutil
import re
import sys
import textwrap
from pathlib import Path

import pytest
from mmu_gather_conformance import ports, saved
from mmu_gather_conformance.cli import cli
from mmu_gather_conformance.historic import HISTORIC, Replay
from mmu_gather_conformance.interleave.effects import GUARDS
from mmu_gather_conformance.interleaving import PROGRAMS
from mmu_gather_conformance.litmuses import LITMUSES, OUTSIDE_MODEL
from mmu_gather_conformance.names import LISTS
from mmu_gather_conformance.replaying import replay
from mmu_gather_conformance.scenarios import SCENARIOS
from mmu_gather_conformance.verdict import Exit, Verdict
from mmu_gather_reference import machine
from mmu_gather_spec.contract import ARCH_HALF, CONTRACT_ERAS, GENERIC_HALF, HASH64_HALF, contract_of
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.errata import ERRATA
from mmu_gather_spec.rules import RULES

DOCS = Path(__file__).parents[1]
sys.path.insert(0, str(DOCS / "_ext"))

import evolution_pages  # noqa: E402 - the path has to be set first
import litmus_pages  # noqa: E402
import machine_pages  # noqa: E402
import pages  # noqa: E402
import rst  # noqa: E402

WRITTEN = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.rst")}


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages.pages()


def holders(made: dict[str, str], text: str) -> list[str]:
    """The pages that hold a text, once for each time that they hold it."""
    return [name for name, page in made.items() for _ in range(page.count(text))]


def test_every_rule_is_on_the_page_of_its_mechanism_and_nowhere_else(made: dict[str, str]) -> None:
    for rule in RULES.values():
        assert holders(made, f".. rule:: {rule.id}\n") == [f"rules-{rule.mechanism}.rst"]


def test_a_rule_says_whom_it_binds_where_it_can_be_read_who_checks_it_and_what_breaks_it(
    made: dict[str, str],
) -> None:
    for rule in RULES.values():
        page = made[f"rules-{rule.mechanism}.rst"]
        entry = page[page.index(f".. rule:: {rule.id}\n") :].partition("\n.. rule::")[0]
        asked = ("Binds", "Where", "Architectures", "Status", "Evidence", "Source", "Asked by", "Broken by", "Verdicts")
        assert [name for name in (*asked, "History") if f"\n   :{name}:" not in entry] == []
        assert [era for era in ERAS if f"``{era}``: " not in entry] == []
        assert f"py:class:: {type(rule.monitor).__name__}\n      :module: {type(rule.monitor).__module__}\n" in entry


def test_every_erratum_is_there_with_the_rules_that_are_as_written_because_of_it(made: dict[str, str]) -> None:
    page = made["errata.rst"]
    for erratum in ERRATA.values():
        entry = page[page.index(rst.target("erratum", erratum.number)) :].partition("\n.. _erratum")[0]
        known = [rule.id for rule in RULES.values() for each in rule.status.values() if erratum.number in each.errata]
        assert known
        assert [rule for rule in known if rst.ref("rule", rule) not in entry] == []


def test_every_erratum_is_drawn_and_can_be_replayed_or_says_why_not(made: dict[str, str], tmp_path: Path) -> None:
    """The file that is offered shows the defect again; the drawing has words for who does not see it."""
    page = made["errata.rst"]
    for number in ERRATA:
        entry = page[page.index(rst.target("erratum", number)) :].partition("\n.. _erratum")[0]
        if f"{number}.html" not in made:
            assert ":Drawn: no, since " in entry
            continue
        assert rst.html(f"{number}.html").strip() in entry
        assert f":download:`{number}.json`" in entry
        drawn = made[f"{number}.html"]
        words = ('role="img"', "<title>", "<desc>", "<pre>", "prefers-color-scheme: dark")
        assert [word for word in words if word not in drawn] == []
        (tmp_path / f"{number}.json").write_text(made[f"{number}.json"], encoding="utf-8")
        failure = saved.load(tmp_path / f"{number}.json")
        lines, code = replay(failure, failure.port, in_process=True)
        assert code == Exit.CONFORMS
        assert lines[-1].startswith(f"passed (as-written): {failure.rule}: ")
        assert lines[-1].endswith(f"({number})")
    assert sum(f"{number}.html" in made for number in ERRATA) >= 6


def test_every_litmus_is_there_once_with_its_sister_and_an_answer_for_each_arch(made: dict[str, str]) -> None:
    """And so is what cannot be asked, with its reason."""
    page = made["litmus.rst"]
    for litmus in LITMUSES.values():
        assert holders(made, rst.target("litmus", litmus.name)) == ["litmus.rst"]
        entry = page[page.index(rst.target("litmus", litmus.name)) :].partition("\n.. _")[0]
        assert rst.ref("rule", litmus.forbidden) in entry
        assert rst.ref("litmus", litmus.sister) in entry
        assert rst.inline(litmus.comment) in entry
        for by_litmus in litmus_pages.answers().values():
            for answer in by_litmus[litmus.name].values():
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


def test_every_function_of_every_era_has_a_page_with_its_contract_and_its_code(made: dict[str, str]) -> None:
    """Each era is named where it has the function, and the code is there word for word."""
    for era in CONTRACT_ERAS:
        for name, function in contract_of(era).functions.items():
            page = made[f"api-{name}.rst"]
            assert f"``{era}``" in page
            assert evolution_pages.signature(name, function) in page
    for era in ERAS:
        page = made["api-tlb_finish_mmu.rst"]
        generic = [vars(module).get("tlb_finish_mmu") for module in ports.reference_generic(era)]
        source = inspect.getsource(next(each for each in reversed(generic) if each is not None))
        assert textwrap.indent(source, "         ").splitlines()[0] in page
    assert "\n   +" in made["api-tlb_finish_mmu.rst"].partition("What changed")[2]
