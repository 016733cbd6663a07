# SPDX-License-Identifier: GPL-2.0-only
"""What a stranger gets from `pip install mmu-gather`: the command, four packages, and nothing beside them.

The wheel is built from this tree and installed into an empty environment, so a file that
was left out, or a dependency that only the tests' environment has, is seen here and not
by the first user.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("spec", "reference", "arch", "conformance")
PACKAGES = tuple(f"mmu_gather_{room}" for room in ROOMS)

#: Long enough for a slow network; a build or an install that hangs is a failure and not a wait.
TIMEOUT_SECONDS = 600

# One worker builds the wheel for all the tests of this file.
pytestmark = pytest.mark.xdist_group("wheel")


def said(*command: str | Path, cwd: Path, ends_with: int = 0) -> str:
    """What a command prints, run away from this tree; it must end well, or as it is said to."""
    # Nothing of the environment that runs the tests may reach the one that is tested.
    ours = ("PYTHON", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    run = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert run.returncode == ends_with, f"{' '.join(map(str, command))} ended with {run.returncode}:\n{run.stdout}"
    return run.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this tree with the build backend that is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    said(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def bin_dir(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of commands of an empty environment into which the wheel was installed."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(folder, with_pip=True)
    pip = (folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-input")
    said(*pip, "--disable-pip-version-check", wheel, cwd=folder)
    return folder / "bin"


def test_the_wheel_holds_the_four_packages_and_no_other_top_level_name(wheel: Path) -> None:
    """A wheel that installs a top-level `arch` or `tests` would hide someone else's."""
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    (metadata,) = (top for top in tops if top.endswith(".dist-info"))
    assert tops == {*PACKAGES, metadata}
    assert [name for name in names if "/tests/" in name] == []


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    """What a package has in the tree it has in the wheel: modules, data, the C header, py.typed."""
    held = set(zipfile.ZipFile(wheel).namelist())
    rooms = [ROOT / room for room in ROOMS]
    wanted = {
        path.relative_to(room).as_posix()
        for room in rooms
        for path in (room / f"mmu_gather_{room.name}").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {f"{package}/py.typed" for package in PACKAGES} <= wanted
    assert wanted - held == set()


def test_the_wheel_carries_its_licences(wheel: Path) -> None:
    """Whoever has the wheel has each licence's text, and the page that says what is under which."""
    names = zipfile.ZipFile(wheel).namelist()
    carried = {name.partition(".dist-info/licenses/")[2] for name in names}
    assert carried >= {"LICENSE", "LICENSES/GPL-2.0-only.txt", "LICENSES/BSD-2-Clause.txt"}


def test_the_four_packages_are_imported_from_the_installation(bin_dir: Path) -> None:
    """Each package is found, and the rooms' own names are not."""
    program = f"""
import importlib, importlib.util
for name in {PACKAGES!r}:
    print(importlib.import_module(name).__file__)
for name in {(*ROOMS, "tests")!r}:
    assert importlib.util.find_spec(name) is None, name
"""
    origins = said(bin_dir / "python", "-I", "-c", program, cwd=bin_dir).split()
    assert len(origins) == len(PACKAGES)
    assert [origin for origin in origins if not origin.startswith(str(bin_dir.parent))] == []


def test_the_installed_command_finds_that_the_reference_conforms(bin_dir: Path) -> None:
    """The first command that a stranger types ends with 0 and says so."""
    assert "conforms" in said(bin_dir / "mmu-gather", "run", "ref", cwd=bin_dir)


#: The one line by which a port binds itself to the contract, for who uses mypy alone.
BOUND = """

from typing import TYPE_CHECKING

from mmu_gather_spec.contract import ArchHalf

if TYPE_CHECKING:
    import port

    half: ArchHalf[mmu_gather] = port
"""


@pytest.fixture(scope="module")
def mypy(bin_dir: Path) -> Path:
    """mypy, in the environment that has the wheel and nothing that it does not want itself."""
    pip = (bin_dir / "python", "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check")
    said(*pip, "mypy", cwd=bin_dir)
    return bin_dir / "mypy"


def test_a_port_is_type_checked_where_only_the_wheel_and_mypy_are_installed(mypy: Path, tmp_path: Path) -> None:
    """By mypy alone, and by the command: both see what is wrong, and that the packages are typed."""
    port = tmp_path / "port.py"
    strict = (mypy, "--strict", "--no-error-summary", "port.py")
    check = ("env", f"XDG_CACHE_HOME={tmp_path}", mypy.with_name("mmu-gather"), "check-types", "port.py")
    right = (ROOT / "conformance/typing/ports/arch_right.py").read_text(encoding="utf-8")
    port.write_text(right + BOUND, encoding="utf-8")
    assert said(*strict, cwd=tmp_path) == ""
    assert " 7 ok; the contract of rfc-2010" in said(*check, cwd=tmp_path)
    wrong = right.replace("table: table_p, shift: shift_t", "shift: shift_t, table: table_p")
    port.write_text(wrong + BOUND, encoding="utf-8")
    assert "pgtable_free_tlb" in said(*strict, cwd=tmp_path, ends_with=1)
    told = said(*check, cwd=tmp_path, ends_with=1)
    assert "port.py:19: SIGNATURE pgtable_free_tlb: got" in told
    assert " 6 ok, 1 SIGNATURE;" in told


def test_all_four_packages_are_typed_where_they_are_installed(mypy: Path, tmp_path: Path) -> None:
    """mypy reads their types and not Any: an attribute that they do not have is an error in each."""
    (tmp_path / "uses.py").write_text("".join(f"import {name}\n{name}.no_such_name\n" for name in PACKAGES), "utf-8")
    found = said(mypy, "--no-error-summary", "--output=json", "uses.py", cwd=tmp_path, ends_with=1)
    assert [json.loads(line)["line"] for line in found.splitlines()] == [2, 4, 6, 8]
