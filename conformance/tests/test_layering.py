# SPDX-License-Identifier: GPL-2.0-only
"""Which room may import which: the law is the table below, and the imports are read, not run.

The law (spec), the model (reference) and what differs (arch) stand on the standard library
alone, and no one of them knows the judge (conformance): else the judged could ask its judge.
The judge may use all four, and of other people's packages what pyproject.toml declares.
An import for type checking only is an import all the same.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: package -> the packages of this project that it may import, itself apart.
MAY_IMPORT: dict[str, frozenset[str]] = {
    "mmu_gather_spec": frozenset(),
    "mmu_gather_reference": frozenset({"mmu_gather_spec"}),
    "mmu_gather_arch": frozenset({"mmu_gather_spec"}),
    "mmu_gather_conformance": frozenset({"mmu_gather_spec", "mmu_gather_reference", "mmu_gather_arch"}),
}

#: The only package that may import what is not in the standard library.
JUDGE = "mmu_gather_conformance"

#: Names that say nothing of what is inside, so that everything ends up there.
SAYS_NOTHING = frozenset({"base", "common", "core", "helpers", "manager", "utils"})


def package_dir(package: str) -> Path:
    """The folder of a package: room X holds mmu_gather_X."""
    return ROOT / package.removeprefix("mmu_gather_") / package


def sources(package: str) -> list[Path]:
    """The modules of a package, at least one."""
    found = sorted(package_dir(package).rglob("*.py"))
    assert found, f"{package} has no modules: the layering of nothing was checked"
    return found


def imported(source: str) -> Iterator[tuple[int, str]]:
    """The top-level name of each import in a source, with its line; a relative import stays at home."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name.partition(".")[0]) for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield node.lineno, module.partition(".")[0]
            case ast.Call(
                func=ast.Name(id="import_module" | "__import__") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield node.lineno, name.partition(".")[0]
            case _:
                pass  # imports nothing


def declared() -> frozenset[str]:
    """The import names of all that pyproject.toml declares, extras included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = sum(project["optional-dependencies"].values(), start=project["dependencies"])
    names = (re.split(r"[^\w.-]", requirement, maxsplit=1)[0] for requirement in wanted)
    return frozenset(name.replace("-", "_") for name in names)


def breaches(package: str, source: str) -> list[str]:
    """The imports of a source of this package that the table does not allow."""
    allowed = sys.stdlib_module_names | MAY_IMPORT[package] | {package}
    if package == JUDGE:
        allowed |= declared()
    strangers = ((line, name) for line, name in imported(source) if name not in allowed)
    return [f"line {line}: {package} may not import {name}" for line, name in strangers]


def third_party(modules: list[str]) -> list[str]:
    """Those modules that are neither Python's own nor this project's."""
    tops = {name.partition(".")[0] for name in modules}
    own = sys.stdlib_module_names | MAY_IMPORT.keys()
    return sorted(top for top in tops - own if not top.startswith("_sysconfigdata"))


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_package_imports_only_what_its_room_may(package: str) -> None:
    """Every import of every module stands in the table."""
    found = {path: breaches(package, path.read_text("utf-8")) for path in sources(package)}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_no_file_has_a_name_that_says_nothing(package: str) -> None:
    """A module or folder is named for its noun, so none becomes the place where everything ends up."""
    folder = package_dir(package)
    inside = [path.relative_to(folder) for path in sources(package)]
    named = {part.strip("_") for path in inside for part in path.with_suffix("").parts}
    assert named & SAYS_NOTHING == set()


@pytest.mark.parametrize("package", sorted(MAY_IMPORT.keys() - {JUDGE}))
def test_importing_every_module_of_a_lower_room_loads_no_third_party_module(package: str) -> None:
    """A fresh interpreter that imports the whole package has then only Python's modules and its own."""
    program = f"""
import importlib, pkgutil, sys
before = set(sys.modules)
package = importlib.import_module({package!r})
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    if not module.name.endswith(".__main__"):
        importlib.import_module(module.name)
print(*sorted(set(sys.modules) - before), sep="\\n")
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    loaded = run.stdout.split()
    assert package in loaded
    assert third_party(loaded) == []
    ours = {name.partition(".")[0] for name in loaded} & MAY_IMPORT.keys()
    assert ours <= MAY_IMPORT[package] | {package}


@pytest.mark.parametrize(
    ("package", "source", "name"),
    [
        ("mmu_gather_spec", "import rich", "rich"),
        ("mmu_gather_spec", "from mmu_gather_reference import smp", "mmu_gather_reference"),
        ("mmu_gather_reference", "import mmu_gather_arch.hash64 as arch", "mmu_gather_arch"),
        ("mmu_gather_arch", "def late():\n    import mmu_gather_conformance", "mmu_gather_conformance"),
        ("mmu_gather_arch", "if TYPE_CHECKING:\n    from msgspec import Struct", "msgspec"),
        ("mmu_gather_reference", "importlib.import_module('cffi.api')", "cffi"),
        ("mmu_gather_conformance", "import numpy", "numpy"),
    ],
)
def test_an_import_that_the_table_forbids_is_found(package: str, source: str, name: str) -> None:
    """The check itself can fail: each made-up source breaks the law in one way."""
    line = source.count("\n") + 1
    assert breaches(package, source) == [f"line {line}: {package} may not import {name}"]


def test_an_import_that_the_table_allows_is_not_held_against_a_module() -> None:
    """The check does not cry wolf over the standard library, the own package or a declared dependency."""
    lower = "import os.path\nfrom mmu_gather_spec import kernel\nfrom . import smp"
    judge = "import click, mmu_gather_arch\nfrom hypothesis import given"
    assert breaches("mmu_gather_arch", lower) == []
    assert breaches("mmu_gather_conformance", judge) == []


def test_a_third_party_module_in_a_fresh_interpreter_is_told_from_pythons_own() -> None:
    """The list of loaded modules is sorted into ours, Python's and other people's."""
    loaded = ["mmu_gather_spec.kernel", "_abc", "os.path", "rich.table", "cffi"]
    assert third_party(loaded) == ["cffi", "rich"]
