# SPDX-License-Identifier: GPL-2.0-only
"""A static verdict: a type checker holds modules to the contract, function by function and as a whole.

Everything is put to mypy in one call.  Each function of the reference is bound to the type that the contract
gives it; and a module that is a whole arch half is bound to its Protocol, once right and once with two
arguments swapped, which are both words in C.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final, TypeVar, get_type_hints

from mmu_gather_spec import contract

ROOT: Final = Path(__file__).resolve().parents[2]
ROOMS: Final = ("spec", "reference", "arch")

WORDS: Final = "mmu_gather_spec.words"
SEED: Final = "mmu_gather_reference.rfc_2010"
BASE: Final = "mmu_gather_reference.rfc_2010_base"

#: module -> its type for a gather: a generic half declares the struct, an arch half sees only `mm` of it.
REFERENCE: Final = {
    f"{SEED}.asm_generic_tlb": f"{SEED}.asm_generic_tlb.mmu_gather",
    f"{SEED}.memory": f"{SEED}.asm_generic_tlb.mmu_gather",
    f"{BASE}.asm_generic_tlb": f"{BASE}.asm_generic_tlb.mmu_gather",
    f"{BASE}.pgtable": f"{BASE}.pgtable.mmu_gather",
    **{f"{BASE}.tlb_{arch}": f"{WORDS}.mmu_gather" for arch in ("hash32", "hash64", "nohash")},
    **{
        f"mmu_gather_arch.{name}": f"{WORDS}.mmu_gather"
        for name in ("hash32", "hash64", "nohash", "ipi", "pgalloc", "pgalloc_32", "pgalloc_64", "pgalloc_up")
    },
}

#: name -> the types of its arguments.
CONTRACT: Final = {
    name: list(get_type_hints(contract.functions()[name]).values())[:-1]
    for name in (*contract.GENERIC_HALF, *contract.ARCH_HALF, *contract.HASH64_HALF)
}

#: An arch half in one module; every name is listed, since a star leaves underscores out.
WHOLE: Final = """
from mmu_gather_arch.nohash import __tlb_remove_tlb_entry as __tlb_remove_tlb_entry, tlb_flush as tlb_flush
from mmu_gather_arch.pgalloc import __pte_free_tlb as __pte_free_tlb, __tlb_remove_table as __tlb_remove_table
from mmu_gather_arch.pgalloc_64 import __pmd_free_tlb as __pmd_free_tlb
from mmu_gather_arch.pgalloc import pgtable_free_tlb as pgtable_free_tlb
MAX_PGTABLE_INDEX_SIZE: int = 15
"""
SWAPPED: Final = """
from mmu_gather_spec.words import mmu_gather, shift_t, table_p
def pgtable_free_tlb(tlb: mmu_gather, shift: shift_t, table: table_p, /) -> None: ...
MAX_PGTABLE_INDEX_SIZE"""
FITS: Final = """
import {module}
from mmu_gather_spec.contract import ArchHalf
from mmu_gather_spec.words import mmu_gather
half: ArchHalf[mmu_gather] = {module}
"""


def spelled(hint: Any, gather: str) -> str:
    """A type of the contract as a source spells it."""
    if isinstance(hint, TypeVar):
        return gather
    return "int" if hint is int else f"{hint.__module__}.{hint.__qualname__}"


def bindings() -> list[str]:
    """For each module of the reference, each function that is in the contract, bound to its type."""
    lines: list[str] = []
    for module, gather in REFERENCE.items():
        for name, function in vars(importlib.import_module(module)).items():
            if name in CONTRACT and function.__module__ == module:
                types = ", ".join(spelled(hint, gather) for hint in CONTRACT[name])
                lines.append(f"b{len(lines)}: Callable[[{types}], None] = {module}.{name}")
    return lines


def mypy(folder: Path, sources: dict[str, str]) -> list[str]:
    """The errors that mypy finds in these sources."""
    for name, source in sources.items():
        (folder / name).write_text(source, "utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--hide-error-context"]
    run = subprocess.run(
        [*command, *sources],
        cwd=folder,
        env={**os.environ, "MYPYPATH": os.pathsep.join(str(ROOT / room) for room in ROOMS)},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout.splitlines() + run.stderr.splitlines()


def test_a_type_checker_accepts_the_reference_and_finds_swapped_arguments(tmp_path: Path) -> None:
    """The only errors are at the line that binds the wrong module, and they name the function."""
    bound = bindings()
    wrong = WHOLE.replace("from mmu_gather_arch.pgalloc import pgtable_free_tlb as pgtable_free_tlb\n", "")
    said = mypy(
        tmp_path,
        {
            "reference.py": "\n".join(
                ["from collections.abc import Callable", f"import {WORDS}", *(f"import {m}" for m in REFERENCE), *bound]
            ),
            "right.py": WHOLE,
            "wrong.py": wrong.replace("MAX_PGTABLE_INDEX_SIZE", SWAPPED, 1),
            "right_fits.py": FITS.format(module="right"),
            "wrong_fits.py": FITS.format(module="wrong"),
        },
    )
    assert {line.split(" ")[0] for line in said} == {"wrong_fits.py:5:"}, "\n".join(said)
    assert [line for line in said if "def pgtable_free_tlb(mmu_gather, shift_t, table_p, /)" in line]


def test_the_reference_has_every_function_of_the_contract() -> None:
    """The test above leaves none out."""
    bound = {line.rpartition(".")[2] for line in bindings()}
    assert bound == set(CONTRACT)
