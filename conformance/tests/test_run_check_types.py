# SPDX-License-Identifier: GPL-2.0-only
"""`mmu-gather run py:PORT --check-types`: the static verdict stands beside the rules, in every report."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import mmu_gather_arch.ipi
import pytest
from click.testing import CliRunner, Result
from mmu_gather_conformance.cli import cli
from mmu_gather_spec.bound import functions_bound
from mmu_gather_spec.rules import RULES

pytestmark = [pytest.mark.xdist_group("types"), pytest.mark.usefixtures("types_cache")]

#: A right arch half, and one whose tlb_flush() does the same and says nothing of what it takes.
RIGHT = Path(mmu_gather_arch.ipi.__file__).read_text("utf-8") + '\n\nARCHS = ("ipi",)\n'
UNTYPED = RIGHT.replace("def tlb_flush(tlb: mmu_gather, /)", "def tlb_flush(tlb, /)")
#: One that breaks a rule: its flush does nothing.
BROKEN = UNTYPED.replace("    context = tlb.mm.context_id\n", "    return\n")


def run(folder: Path, text: str, *options: str) -> Result:
    """Run a port with this text on a few cases, in this process."""
    port = folder / "port.py"
    port.write_text(text, encoding="utf-8")
    command = ["run", f"py:{port}", "--arch", "ipi", "-k", "pages-then-tables", "--in-process", *options]
    return CliRunner().invoke(cli, command)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Violating runs are saved in the current folder."""
    monkeypatch.chdir(tmp_path)


def beside(output: str) -> dict[str, list[str]]:
    """The table: of each rule, what the run and the types say."""
    lines = output.splitlines()
    start = next(at for at, line in enumerate(lines) if line.split() == ["rule", "run", "types"])
    rows = [line.replace(" (as-written)", "-as-written").split() for line in lines[start + 1 :]]
    return {row[0]: row[1:] for row in rows if row and row[0] in RULES}


def test_a_port_that_is_right_in_both_ways_conforms(tmp_path: Path) -> None:
    """With one line for all rules that passed."""
    result = run(tmp_path, RIGHT, "--check-types")
    assert result.exit_code == 0, result.output
    assert " 6 ok; the contract of rfc-2010, by mypy" in result.output
    assert {types for run_, types in beside(result.output).values()} <= {"ok"}


def test_a_port_that_passes_and_is_untyped_does_not_conform(tmp_path: Path) -> None:
    """Without --check-types it does; with it, each rule that binds the function has it beside it."""
    assert run(tmp_path, UNTYPED).exit_code == 0
    result = run(tmp_path, UNTYPED, "--check-types")
    assert result.exit_code == 1
    assert result.output.splitlines()[-1] == "does not conform"
    table = beside(result.output)
    assert table["order.arch-flush-only-invalidates"] == ["passed", "UNTYPED"]
    assert all(
        (types == "UNTYPED") == ("tlb_flush" in functions_bound(RULES[rule])) for rule, (_, types) in table.items()
    )
    assert ": UNTYPED   tlb_flush: no type for tlb; got `def tlb_flush(tlb, /) -> None`" in result.output


def test_a_rule_that_is_violated_is_shown_beside_the_types_of_what_it_binds(tmp_path: Path) -> None:
    """Where both verdicts are bad, one row has them."""
    result = run(tmp_path, BROKEN, "--check-types")
    assert result.exit_code == 1
    assert ["violated", "UNTYPED"] in beside(result.output).values()


def test_the_json_report_has_both(tmp_path: Path) -> None:
    """Of each function, and of each rule."""
    run(tmp_path, UNTYPED, "--check-types", "--json", "report.json")
    document = json.loads(Path("report.json").read_text())
    (port,) = document["ports"]
    assert {each["function"]: each["verdict"] for each in port["types"]["functions"]}["tlb_flush"] == "UNTYPED"
    assert port["types_by_rule"]["order.arch-flush-only-invalidates"] == "UNTYPED"
    assert (document["exit_code"], list(document)[-1]) == (1, "complete")
    run(tmp_path, UNTYPED, "--json", "report.json")
    (port,) = json.loads(Path("report.json").read_text())["ports"]
    assert (port["types"], port["types_by_rule"]) == (None, {})


def test_junit_and_ktap_have_a_test_for_each_function(tmp_path: Path) -> None:
    """Beside those of the cases, and counted with them."""
    run(tmp_path, UNTYPED, "--check-types", "--junit", "report.xml", "--ktap", "report.ktap")
    tests = {each.get("name"): each for each in ElementTree.parse("report.xml").iter("testcase")}
    assert tests["types/pgtable_free_tlb"].find("failure") is None
    failure = tests["types/tlb_flush"].find("failure")
    assert failure is not None
    assert failure.get("type") == "UNTYPED"
    lines = [line.strip() for line in Path("report.ktap").read_text().splitlines()]
    plan = next(line for line in lines if line.startswith("1..") and line != "1..1")
    results = [line for line in lines if line.startswith(("ok ", "not ok ")) and "py:" not in line]
    assert len(results) == int(plan.removeprefix("1.."))
    assert [line.split()[-1] for line in results if line.startswith("not ok")] == ["types/tlb_flush"]
    assert lines[-1].startswith("not ok 1 ")


def test_the_page_has_both(tmp_path: Path) -> None:
    """Each function as check-types tells it, and the types beside each rule; without --check-types neither."""
    run(tmp_path, UNTYPED, "--check-types", "--html", "report.html")
    page = unescape(Path("report.html").read_text(encoding="utf-8"))
    assert "UNTYPED   tlb_flush: no type for tlb; got `def tlb_flush(tlb, /) -> None`" in page
    rows = re.findall(r'<code class="rule">([^<]*)</code>.*?types (\w+)</span>', page, flags=re.DOTALL)
    assert dict(rows)["order.arch-flush-only-invalidates"] == "UNTYPED"
    assert {types for _, types in rows} == {"ok", "UNTYPED"}
    assert 'data-exit="1"' in page
    run(tmp_path, UNTYPED, "--html", "report.html")
    assert "types" not in re.sub(r"<(style|script).*?</\1>", "", Path("report.html").read_text(), flags=re.DOTALL)


def test_it_is_asked_of_ports_in_python_only() -> None:
    """Another gets one line, and 2."""
    result = CliRunner().invoke(cli, ["run", "ref", "--check-types"])
    assert (result.exit_code, "needs a port in Python" in result.output) == (2, True)


def test_a_class_that_is_published_runs_and_is_checked_as_a_module_is(tmp_path: Path) -> None:
    """With its methods' lines."""
    head, functions = RIGHT.split("def tlb_flush", 1)
    methods = ("def tlb_flush" + functions.split("\n\nARCHS")[0]).replace("(tlb: mmu_gather", "(self, tlb: mmu_gather")
    body = "\n".join(f"    {line}" if line else "" for line in methods.splitlines())
    text = f'{head}class Ipi:\n{body}\n\n\nARCHS = ("ipi",)\npublish(Ipi(), globals())\n'
    imported = "from mmu_gather_spec.contract.class_port import publish\n"
    text = text.replace("from mmu_gather_spec.kernel", f"{imported}from mmu_gather_spec.kernel", 1)
    result = run(tmp_path, text, "--check-types")
    assert result.exit_code == 0, result.output
    assert " 6 ok;" in result.output
