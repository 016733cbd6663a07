# SPDX-License-Identifier: GPL-2.0-only
"""The guide to static verdicts does what it says: its ports are checked, its recipes are run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner
from guides import blocks, commands
from mmu_gather_conformance.cli import cli

ROOT: Final = Path(__file__).resolve().parents[2]
GUIDE: Final = (ROOT / "docs" / "check-the-types.rst").read_text(encoding="utf-8")
PORTS: Final = ROOT / "conformance" / "typing" / "ports"

# The checkers' tests share one worker, so that no two of them run at once.
pytestmark = pytest.mark.xdist_group("types")


def captioned(caption: str) -> str:
    """The one block with this caption."""
    ((text),) = [block.text for block in blocks(GUIDE) if block.caption == caption]
    return text


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that is nobody's."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder, and that cache."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("PRE_COMMIT_HOME", str(cache / "pre-commit"))


def unversioned(text: str) -> str:
    """Without the version of the checker, which is whatever is installed."""
    return re.sub(r"by (mypy|cc) [\d.]+", r"by \1", text)


def test_every_command_prints_what_the_guide_says() -> None:
    """Of the files that the guide shows."""
    for name in ("port.py", "port.h"):
        Path(name).write_text(captioned(name), encoding="utf-8")
    consoles = [block.text for block in blocks(GUIDE) if block.language == "console"]
    typed = [each for console in consoles for each in commands(console)]
    assert len(typed) == len(consoles) == 3
    for command, printed in typed:
        result = CliRunner().invoke(cli, command.removeprefix("mmu-gather ").split())
        assert (result.exit_code, unversioned(result.output)) == (1, unversioned(printed.lstrip("\n"))), command


@pytest.mark.parametrize(("port", "exit_code"), [("arch_right", 0), ("swapped_arguments", 1)])
def test_mypy_alone_sees_it_where_the_module_is_bound_as_the_guide_says(port: str, exit_code: int, cache: Path) -> None:
    """And the adapter is typed as well."""
    text = (PORTS / f"{port}.py").read_text("utf-8") + "\n" + captioned("the end of mine.py")
    Path("mine.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "mine.py"]
    environment = {**os.environ, "MYPYPATH": str(ROOT / "spec"), "MYPY_CACHE_DIR": str(cache / "mypy")}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == exit_code, ran.stdout
    assert ("pgtable_free_tlb" in ran.stdout) == bool(exit_code)


def test_a_class_is_published_as_the_guide_says() -> None:
    """The port for that is written the same way."""
    assert captioned("the end of a module with a class").splitlines()[-1] == "publish(Mine(), globals())"
    text = (PORTS / "class_right.py").read_text("utf-8")
    assert "publish(Hash32(), globals())" in text
    assert "from mmu_gather_spec.contract.class_port import publish" in text


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`mmu-gather` on the path, as an installation puts it there."""
    folder = tmp_path / "bin"
    folder.mkdir()
    command = folder / "mmu-gather"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m mmu_gather_conformance.cli "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))


def put(port: str) -> None:
    """Make one of the ports `port.py`."""
    Path("port.py").write_text((PORTS / f"{port}.py").read_text("utf-8"), encoding="utf-8")


@pytest.mark.usefixtures("installed")
def test_the_workflow_fails_where_a_port_is_wrong_and_says_where() -> None:
    """What it runs is run as the shell of a workflow would."""
    (install, check) = re.findall(r"^ *- run: (.+)$", captioned(".github/workflows/types.yml"), re.MULTILINE)
    assert install == "pip install 'mmu-gather[types]'"
    for port, exit_code, faults in (("arch_right", 0, 0), ("ten_faults", 1, 10)):
        put(port)
        ran = subprocess.run(["bash", "-e", "-c", check], capture_output=True, text=True, check=False)
        assert ran.returncode == exit_code, ran.stderr
        assert len(re.findall(r"^::error file=port\.py,line=\d+,", ran.stdout, re.MULTILINE)) == faults


@pytest.mark.usefixtures("installed")
def test_the_hook_passes_a_right_port_and_stops_a_wrong_one() -> None:
    """By pre-commit itself, in a repository."""
    Path(".pre-commit-config.yaml").write_text(captioned(".pre-commit-config.yaml"), encoding="utf-8")
    subprocess.run(["git", "init", "-q", "."], check=True)
    for port, exit_code in (("arch_right", 0), ("swapped_arguments", 1)):
        put(port)
        subprocess.run(["git", "add", "port.py", ".pre-commit-config.yaml"], check=True)
        hook = [sys.executable, "-m", "pre_commit", "run"]
        ran = subprocess.run(hook, capture_output=True, text=True, check=False)
        assert ran.returncode == exit_code, ran.stdout + ran.stderr
        assert ("SIGNATURE pgtable_free_tlb" in ran.stdout) == bool(exit_code)


def test_the_extra_that_the_guide_names_is_declared() -> None:
    """With the checker that is asked if none is named."""
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert re.search(r"^types = \[\n    \"mypy", text, re.MULTILINE)
