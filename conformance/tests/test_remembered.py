# SPDX-License-Identifier: GPL-2.0-only
"""An answer of pyright's is kept for as long as nothing has changed that it depends on, and no longer."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typing_ports
from mmu_gather_conformance.static import checkers, remembered
from mmu_gather_conformance.static.check_types import check_types

pytestmark = [pytest.mark.xdist_group("types"), pytest.mark.usefixtures("types_cache")]

PORTS = typing_ports.HERE / "ports"
WORDS = "from mmu_gather_spec.words import {} as pointer\n"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A port in a package, whose pointer is a type from a module beside it, by way of another."""
    package = tmp_path / "mine"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "pointers.py").write_text("from .words import pointer as pointer\n")
    (package / "words.py").write_text(WORDS.format("table_p"))
    text = (PORTS / "arch_right.py").read_text("utf-8").replace("table: table_p", "table: pointer")
    (package / "arch.py").write_text(text.replace("\n\nMAX", "\nfrom mine.pointers import pointer\n\nMAX", 1))
    return package


def key(package: Path) -> str:
    """Under which an answer about it is kept."""
    probe = package.parent / "probe.py"
    probe.write_text("import mine.arch as port\n")
    return remembered.key("pyright", package.parent, ["probe.py"], [str(package.parent), str(typing_ports.HERE.parent)])


def edit(package: Path) -> None:
    (package / "words.py").write_text(WORDS.format("pgf_p") + "\n")


def edit_the_package(package: Path) -> None:
    (package / "__init__.py").write_text("# something\n")


def put_a_stub_beside(package: Path) -> None:
    (package / "words.pyi").write_text(WORDS.format("pgf_p"))


def put_stubs_of_the_package(package: Path) -> None:
    stubs = package.with_name("mine-stubs")
    stubs.mkdir()
    (stubs / "pointers.pyi").write_text(WORDS.format("pgf_p"))


@pytest.mark.parametrize("change", [edit, edit_the_package, put_a_stub_beside, put_stubs_of_the_package])
def test_an_answer_is_forgotten_with_whatever_it_was_made_of(change: Callable[[Path], None], package: Path) -> None:
    """A file that the port imports by way of another, the package, and files that appear."""
    before = key(package)
    assert key(package) == before
    change(package)
    assert key(package) != before


def test_a_file_that_nobody_imports_is_not_looked_at(package: Path) -> None:
    """Or every change in a project would be one of the port."""
    before = key(package)
    (package / "other.py").write_text("import mine.arch\n")
    (package.parent / "other.py").write_text("")
    assert key(package) == before


def test_the_specification_is_followed(package: Path) -> None:
    """Its words are what a port is typed with."""
    probe = package.parent / "probe.py"
    probe.write_text("from mmu_gather_spec import words\n")
    reached = {Path(each[0]).name for each in remembered._reached([probe], [package.parent], package.parent)}
    assert {"probe.py", "words.py", "record.py"} <= reached


def test_pyright_is_not_asked_again_until_something_has_changed(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And then it is."""
    asked: list[Any] = []
    real = checkers._ran

    def counted(*arguments: Any, **options: Any) -> Any:
        asked.append(arguments)
        return real(*arguments, **options)

    def wrong() -> list[str]:
        (report,) = check_types(str(package / "arch.py"), checker="pyright")
        return [each.function for each in report.functions if each.verdict.value != "ok"]

    monkeypatch.setattr(checkers, "_ran", counted)
    assert (wrong(), wrong(), len(asked)) == ([], [], 1)
    edit(package)
    assert (wrong(), wrong(), len(asked)) == (["pgtable_free_tlb"], ["pgtable_free_tlb"], 2)


def test_what_is_not_an_answer_is_not_taken_for_one(tmp_path: Path) -> None:
    """A file that was cut off, or is something else."""
    remembered.remember(tmp_path, "a", {"probe.py": {1, 2}})
    assert remembered.recall(tmp_path, "a") == {"probe.py": {1, 2}}
    for text in ("", "[1, 2]", '{"probe.py": 3}', '{"probe.py": ["x"]}'):
        (tmp_path / "answer_a.json").write_text(text)
        assert remembered.recall(tmp_path, "a") is None
    shutil.rmtree(tmp_path)
    assert remembered.recall(tmp_path, "a") is None
