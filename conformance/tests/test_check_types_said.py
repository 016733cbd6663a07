# SPDX-License-Identifier: GPL-2.0-only
"""What `mmu-gather check-types` says to whom: text, JSON, a workflow, SARIF; and its exit codes.

Whether a verdict is right is asked in `test_check_types`.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typing_ports
from click.testing import CliRunner, Result
from mmu_gather_conformance.cli import cli
from mmu_gather_conformance.static import checkers

pytestmark = [pytest.mark.xdist_group("types"), pytest.mark.usefixtures("types_cache")]
PORTS = typing_ports.HERE / "ports"
TEN = PORTS / "ten_faults.py"


def run(*arguments: str | Path) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(cli, ["check-types", *map(str, arguments)])


def test_json_says_all_of_it_and_that_it_is_complete() -> None:
    """As the text does."""
    result = run(TEN, "--format", "json")
    document = json.loads(result.output)
    assert result.exit_code == 1
    assert (list(document)[-1], document["complete"], document["good"]) == ("complete", True, False)
    functions = {each["function"]: each for each in document["ports"][0]["functions"]}
    assert functions["pgtable_free_tlb"]["verdict"] == "SIGNATURE"
    assert functions["pgtable_free_tlb"]["expected"].startswith("def pgtable_free_tlb(tlb: mmu_gather, table: table_p,")
    assert functions["pgtable_free_tlb"]["got"].startswith("def pgtable_free_tlb(tlb: mmu_gather, shift: shift_t,")
    assert functions["tlb_flush"]["verdict"] == "ok"


def test_a_workflow_gets_an_annotation_for_each_fault() -> None:
    """At its file and line, with what a property may not hold written as it must be."""
    lines = run(TEN, "--format", "github").output.splitlines()
    assert len(lines) == 10
    assert all(line.startswith(f"::error file={TEN},line=") for line in lines)
    assert [line for line in lines if "title=SIGNATURE pgtable_free_tlb::got `def pgtable_free_tlb(" in line]
    assert run(PORTS / "arch_right.py", "--format", "github").output == ""


def test_sarif_has_a_result_for_each_fault() -> None:
    """Each of a rule that the document declares, with a place."""
    document = json.loads(run(TEN, "--format", "sarif").output)
    (ran,) = document["runs"]
    rules = [rule["id"] for rule in ran["tool"]["driver"]["rules"]]
    assert (document["version"], rules) == ("2.1.0", ["MISSING", "SIGNATURE", "UNTYPED"])
    assert len(ran["results"]) == 10
    for result in ran["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        (place,) = result["locations"]
        assert place["physicalLocation"]["artifactLocation"]["uri"].endswith("ten_faults.py")
        assert place["physicalLocation"]["region"]["startLine"] >= 1


def test_a_right_port_ends_with_0_and_says_what_it_was_held_to() -> None:
    """In the last line: how many functions, of which era, by which checker in which version."""
    result = run(PORTS / "v3_0_right.py", "--era", "v3.0")
    last = result.output.splitlines()[-1]
    assert result.exit_code == 0
    assert last.endswith(f": 11 ok; the contract of v3.0, by {checkers.version('mypy')}")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("no-such.py",), "no such file: no-such.py"),
        (("no_such_module",), "no module named 'no_such_module'"),
        ((TEN, "--era", "v5.8"), "did you mean v5.7"),
        ((TEN, "--half", "archs"), "did you mean arch"),
        ((TEN, "--checker", "pyrite"), "did you mean pyright"),
        ((TEN, "--format", "yaml"), "unknown format 'yaml'"),
    ],
)
def test_a_wrong_name_gets_one_line_and_2(arguments: tuple[str | Path, ...], said: str) -> None:
    """With the nearest names."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_a_port_that_is_no_python_gets_one_line_and_5(tmp_path: Path) -> None:
    """With the place."""
    (tmp_path / "port.py").write_text("def tlb_flush(:\n")
    result = run(tmp_path / "port.py")
    assert result.exit_code == 5
    assert result.output.startswith(f"{tmp_path / 'port.py'}:1: ")


def test_a_checker_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do about it, and 2."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr("shutil.which", lambda name: None)
    result = run(TEN)
    assert result.exit_code == 2
    assert "mypy is not installed: pip install mypy" in result.output
