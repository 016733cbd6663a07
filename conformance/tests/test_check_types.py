# SPDX-License-Identifier: GPL-2.0-only
"""`mmu-gather check-types`: a verdict for each function, in one call, which nothing in a port or around it silences."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import check_types_bench
import pytest
import typing_ports
from click.testing import CliRunner, Result
from mmu_gather_conformance import ports
from mmu_gather_conformance.cli import cli
from mmu_gather_conformance.static import bindings, checkers
from mmu_gather_conformance.static.check_types import check_types
from mmu_gather_conformance.static.verdict import CannotCheck, Static
from mmu_gather_spec.contract import ARCH_HALF, GENERIC_HALF, contract_of
from mmu_gather_spec.eras import ERAS

pytestmark = [pytest.mark.xdist_group("types"), pytest.mark.usefixtures("types_cache")]

PORTS = typing_ports.HERE / "ports"
TEN = PORTS / "ten_faults.py"
CHECKERS = ("mypy", "pyright")

#: The arch halves of the two eras that the seed lies between.
ARCHS = {
    "rfc-2010": [
        *(f"mmu_gather_arch.{name}" for name in ("hash32", "hash64", "nohash", "hardware_walker", "ipi")),
        *(f"mmu_gather_arch.{name}" for name in ("pgalloc", "pgalloc_32", "pgalloc_64", "pgalloc_up")),
    ],
    "rfc-2010-base": [
        "mmu_gather_reference.rfc_2010_base.pgtable",
        *(f"mmu_gather_reference.rfc_2010_base.tlb_{arch}" for arch in ("hash32", "hash64", "nohash")),
    ],
}


def run(*arguments: str | Path) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(cli, ["check-types", *map(str, arguments)])


def wrong(port: str | Path, **options: Any) -> dict[str, str]:
    """The functions of one port that are not ok, with their verdicts."""
    (report,) = check_types(str(port), **options)
    return {each.function: each.verdict.value for each in report.functions if each.verdict is not Static.OK}


@pytest.mark.parametrize("checker", CHECKERS)
def test_ten_faults_get_ten_right_lines_in_one_call(checker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five missing, three wrong, swapped arguments, one untyped; one process of the checker."""
    started: list[Any] = []
    real = subprocess.run

    def counted(command: Any, **options: Any) -> Any:
        started.append(command)
        return real(command, **options)

    monkeypatch.setattr(subprocess, "run", counted)
    result = run(TEN, "--checker", checker)
    lines = [line for line in result.output.splitlines() if re.match(r"\S+:\d+: [A-Z]", line)]
    bad = {line.split()[2].rstrip(":"): line.split()[1] for line in lines}
    assert result.exit_code == 1
    assert len(lines) == 10
    assert bad == typing_ports.expected(TEN)
    assert len(started) == 1
    assert all("expected `def " in line for line in lines)
    assert all("got `def " in line for line in lines if " SIGNATURE " in line)


def test_the_benchmark_is_of_a_right_port_of_fifteen_functions() -> None:
    """At least: a port with faults would be another question."""
    (report,) = check_types(str(check_types_bench.PORT))
    assert report.good()
    assert len(report.functions) >= 15


def judged(modules: list[str], era: str) -> tuple[set[str], list[str]]:
    """What modules define in the contract's shape, and what in another."""
    good: set[str] = set()
    bad: list[str] = []
    for module, report in zip(modules, check_types(*modules, era=era), strict=True):
        own = bindings.read(Path(importlib.import_module(module).__file__ or "")).own()
        for each in report.functions:
            if each.verdict is Static.OK:
                good.add(each.function)
            elif each.function in own:
                bad.append(f"{module}: {each}")
    return good, bad


@pytest.mark.parametrize("era", ERAS)
def test_each_eras_generic_half_has_the_contracts_shape(era: str) -> None:
    """Whatever a module of it defines; and together they define all that is asked for, the gather included."""
    good, bad = judged([module.__name__ for module in ports.reference_generic(era)], era)
    assert bad == []
    assert {*contract_of(era).generic_half, "struct mmu_gather"} <= good


@pytest.mark.parametrize("era", ARCHS)
def test_the_arch_halves_beside_the_seed_have_the_contracts_shape(era: str) -> None:
    """Whatever a module of them defines; and together they define all that is asked for."""
    good, bad = judged(ARCHS[era], era)
    assert bad == []
    of = contract_of(era)
    wanted = {*of.arch_half, *of.hash64_half, *of.constants} if era == "rfc-2010" else {"pgtable_free_tlb", "tlb_flush"}
    assert wanted <= good


def test_a_port_of_one_era_is_told_which_functions_another_has_changed() -> None:
    """v3.0 against v5.7: what was added, and what has another signature."""
    assert wrong(PORTS / "v3_0_right.py", era="v5.7") == {
        "tlb_gather_mmu": "SIGNATURE",
        "__tlb_remove_page": "SIGNATURE",
        "pte_free_tlb": "SIGNATURE",
        "tlb_flush_mmu_tlbonly": "MISSING",
        "tlb_remove_page_size": "MISSING",
        "__tlb_remove_page_size": "MISSING",
    }


def test_no_verdict_depends_on_how_a_checker_words_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every message is replaced before it is read, and every error code."""
    real = checkers._ran

    def garbled(*arguments: Any, **options: Any) -> Any:
        ran = real(*arguments, **options)
        lines = [json.loads(line) | {"message": "?", "code": "?", "hint": "?"} for line in ran.stdout.splitlines()]
        return subprocess.CompletedProcess(ran.args, ran.returncode, "\n".join(map(json.dumps, lines)), "")

    monkeypatch.setattr(checkers, "_ran", garbled)
    assert wrong(TEN) == typing_ports.expected(TEN)


@pytest.mark.parametrize("checker", CHECKERS)
def test_what_a_project_has_switched_off_is_not_switched_off_here(
    checker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither in the folder of the port, nor where the command is called."""
    shutil.copy(TEN, tmp_path / "port.py")
    (tmp_path / "mypy.ini").write_text("[mypy]\nignore_errors = True\nfollow_imports = skip\n")
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "off", "ignore": ["**"]}')
    monkeypatch.chdir(tmp_path)
    assert wrong("port.py", checker=checker) == typing_ports.expected(TEN)


@pytest.mark.parametrize("name", ["my-port.py", "signal.py", "class.py"])
def test_a_file_may_have_a_name_that_cannot_be_imported(name: str, tmp_path: Path) -> None:
    """Or one that is a library's."""
    shutil.copy(PORTS / "swapped_arguments.py", tmp_path / name)
    assert wrong(tmp_path / name) == {"pgtable_free_tlb": "SIGNATURE"}


def test_a_file_in_a_package_may_import_from_it(tmp_path: Path) -> None:
    """And is checked with what it imports from there."""
    package = tmp_path / "mine"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "pointers.py").write_text("from mmu_gather_spec.words import table_p\npointer = table_p\n")
    text = (PORTS / "arch_right.py").read_text("utf-8").replace("table: table_p", "table: pointer")
    (package / "arch.py").write_text(text.replace("\n\nMAX", "\nfrom mine.pointers import pointer\n\nMAX", 1))
    assert wrong(package / "arch.py") == {}
    (package / "pointers.py").write_text("from mmu_gather_spec.words import pgf_p\npointer = pgf_p\n")
    assert wrong(package / "arch.py") == {"pgtable_free_tlb": "SIGNATURE"}


def test_a_module_is_found_by_its_name_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither it, nor the package that it is in."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "__init__.py").write_text("raise SystemExit('was run')\n")
    text = (PORTS / "arch_right.py").read_text("utf-8")
    (tmp_path / "mine" / "arch.py").write_text(text + "\nraise SystemExit('was run')\n")
    monkeypatch.chdir(tmp_path)
    result = run("mine.arch", "--format", "json")
    assert result.exit_code == 0
    assert json.loads(result.output)["ports"][0]["functions"][0]["file"] == "mine/arch.py"


def test_a_stub_beside_a_port_is_not_taken_for_it(tmp_path: Path) -> None:
    """It says what is right, and what runs is not."""
    shutil.copy(PORTS / "arch_right.py", tmp_path / "port.pyi")
    shutil.copy(PORTS / "swapped_arguments.py", tmp_path / "port.py")
    assert wrong(tmp_path / "port.py").get("pgtable_free_tlb") == "UNTYPED"


def test_a_half_may_be_asked_for_alone() -> None:
    """What is not asked for is brought or not; without being asked, what it brings of is what it is held to."""
    assert wrong(PORTS / "both_halves.py") == {}
    (arch,) = check_types(str(PORTS / "both_halves.py"), halves=("arch",))
    assert [each.function for each in arch.functions] == ["MAX_PGTABLE_INDEX_SIZE", *ARCH_HALF]
    assert set(wrong(PORTS / "arch_right.py", halves=("generic",))) == {"struct mmu_gather", *GENERIC_HALF}
    assert set(wrong(PORTS / "arch_right.py", halves=("generic",)).values()) == {"MISSING"}


def test_an_architecture_that_does_not_batch_tables_needs_no_function_that_frees_one(tmp_path: Path) -> None:
    """If the port says that it is for no other."""
    text = (PORTS / "missing_function.py").read_text("utf-8")
    port = tmp_path / "port.py"
    port.write_text(text + '\n\nARCHS = ("ipi",)\n')
    assert wrong(port) == {}
    port.write_text(text + '\n\nARCHS = ("ipi", "hash64")\n')
    assert wrong(port) == {"__tlb_remove_table": "MISSING"}


def test_an_empty_module_lacks_everything(tmp_path: Path) -> None:
    """Both halves of it."""
    (tmp_path / "port.py").write_text('"""Nothing yet."""\n')
    found = wrong(tmp_path / "port.py")
    assert set(found) == {"struct mmu_gather", "MAX_PGTABLE_INDEX_SIZE", *GENERIC_HALF, *ARCH_HALF}
    assert set(found.values()) == {"MISSING"}


def test_a_checker_that_does_not_look_is_not_taken_for_one_that_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer is no verdict."""
    silent = subprocess.CompletedProcess([], 0, "", "")
    monkeypatch.setattr(checkers, "_ran", lambda *arguments, **options: silent)
    with pytest.raises(CannotCheck, match="could not check"):
        check_types(str(PORTS / "arch_right.py"))


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdict is the same."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert wrong(PORTS / "swapped_arguments.py") == {"pgtable_free_tlb": "SIGNATURE"}
