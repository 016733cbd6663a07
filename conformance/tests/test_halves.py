# SPDX-License-Identifier: GPL-2.0-only
"""One half of a port that brings both: it is used without the other, in a run and where the run is repeated.

The port here has one half that is asked about, and one that stops.  Whoever took both would see another run, or none.
"""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner, Result
from mmu_gather_arch import ipi
from mmu_gather_conformance import ports
from mmu_gather_conformance.cli import cli
from mmu_gather_conformance.config import CONFIGS
from mmu_gather_reference.rfc_2010 import asm_generic_tlb, memory, mmu_table_batch

GENERIC = (mmu_table_batch, asm_generic_tlb, memory)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    """The command with these arguments."""
    return CliRunner().invoke(cli, list(arguments))


def text_of(*modules: ModuleType) -> str:
    """Several files of the reference as one that brings all of their functions.

    Imports come first, so that nothing that is imported hides what is defined.
    """
    parts = [part for module in modules for part in ast.parse(inspect.getsource(module)).body]
    imports = [part for part in parts if isinstance(part, ast.ImportFrom)]
    taken = [part for part in imports if not str(part.module).startswith(("__future__", "mmu_gather_reference"))]
    defined = [part for part in parts if part not in imports]
    return "\n".join(map(ast.unparse, [*taken, *defined])) + "\n"


def stops(text: str, function: str) -> str:
    """The same, where this function is not written yet."""
    changed, count = re.subn(
        rf"^(def {function}\(.*\n)", r"\1    raise NotImplementedError\n", text, flags=re.MULTILINE
    )
    assert count == 1
    return changed


#: The half that is asked about, what is wrong in it, where the other one stops, and on which machine and in which rule
#: that shows.
HALVES = {
    "generic": (
        " == MAX_TABLE_BATCH():", " > MAX_TABLE_BATCH():", "tlb_flush",
        "hash64", "batch-full", "batch.submitted-when-full",
    ),
    "arch-half": (
        "    smp_call_function(do_flush, context, 1)\n", "", "tlb_gather_mmu",
        "ipi", "hardware-other", "walk.*",
    ),
}  # fmt: skip


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("where", [(), ("--in-process",)], ids=["worker", "in-process"])
def test_a_run_of_one_half_is_repeated_with_that_half_alone(half: str, where: tuple[str, ...]) -> None:
    """Also on another port, and whatever the port's other half would do."""
    right, wrong, stop, arch, keyword, rule = HALVES[half]
    text = text_of(*GENERIC, ipi)
    assert text.count(right) == 1
    Path("right.py").write_text(stops(text, stop), encoding="utf-8")
    Path("wrong.py").write_text(stops(text.replace(right, wrong), stop), encoding="utf-8")
    asked = ("--arch", arch, "-k", keyword, "--rule", rule, "--in-process")
    assert run("run", "py:wrong.py", *asked).exit_code == 5
    found = run("run", "py:wrong.py", f"--{half}", *asked)
    assert found.exit_code == 1, found.output
    command = re.search(r"replay: mmu-gather replay (\S+) py:wrong.py", found.output)
    assert command
    again = run("replay", command[1], *where)
    assert (again.exit_code, "\nviolated: " in again.output) == (1, True), again.output
    assert f": py:wrong.py (its {half.removesuffix('-half')} half alone), era rfc-2010, " in again.output
    mended = run("replay", command[1], "py:right.py", *where)
    assert mended.exit_code == 0, mended.output


def test_what_an_arch_half_has_instead_of_generic_code_stays_its_own() -> None:
    """As pte_free_tlb() of s390, which elsewhere is a macro of the generic half."""
    (machine, *_) = CONFIGS["s390"]
    Path("mine.py").write_text(text_of(*ports.reference_arch(machine, "v6.12")), encoding="utf-8")
    image = ports.open_port("py:mine.py", "v6.12", ("arch",)).image(machine)
    theirs = {name for name, function in image.symbols.items() if function.__module__.endswith("_mine")}
    assert {"pte_free_tlb", "pmd_free_tlb"} <= theirs
    assert run("run", "py:mine.py", "--arch-half", "--era", "v6.12", "--arch", "s390", "-k", "one-table").exit_code == 0
