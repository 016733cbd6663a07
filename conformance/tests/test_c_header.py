# SPDX-License-Identifier: GPL-2.0-only
"""The C header: made from the contract, whole, and fit for a port of several files."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import cffi
import pytest
from mmu_gather_conformance import build, c_header, c_tables, ports
from mmu_gather_conformance.cases import find
from mmu_gather_conformance.recorder import Outcome, Recorder
from mmu_gather_spec import events as ev
from mmu_gather_spec import kernel, kernel_later
from mmu_gather_spec.contract import CONTRACT_ERAS

#: An arch half in two files, each of which calls the kernel.
FLUSH = """
#include "mmu_gather.h"
void (tlb_flush)(struct mmu_gather *tlb);
void (tlb_flush)(struct mmu_gather *tlb)
{
	(void)tlb;
	flush_tlb_cpu(1);
}
"""
REST = """
#include "mmu_gather.h"
void (tlb_flush)(struct mmu_gather *tlb);
static void (__pte_free_tlb)(struct mmu_gather *tlb, struct page *page, unsigned long address)
{
	(void)address;
	pgtable_page_dtor(page);
	tlb_remove_page(tlb, page);
}
static void (__pmd_free_tlb)(struct mmu_gather *tlb, void *pmdp, unsigned long address)
{
	(void)address;
	tlb_remove_page(tlb, (struct page *)pmdp);
}
static void (pgtable_free_tlb)(struct mmu_gather *tlb, void *table, int shift)
{
	BUG_ON(shift);
	tlb_remove_page(tlb, (struct page *)table);
}
static void (__tlb_remove_tlb_entry)(struct mmu_gather *tlb, pte_t *ptep, unsigned long address)
{
	(void)tlb;
	(void)ptep;
	(void)address;
}
static unsigned long mask(void)
{
	return 0;
}
MMU_GATHER_PORT("two files", "1", 0, mask, .tlb_flush = tlb_flush, .__pte_free_tlb = __pte_free_tlb,
		.__pmd_free_tlb = __pmd_free_tlb, .pgtable_free_tlb = pgtable_free_tlb,
		.__tlb_remove_tlb_entry = __tlb_remove_tlb_entry)
"""


def compile_(*arguments: str | Path) -> None:
    """Run the C compiler as `build` does."""
    done = subprocess.run(
        [os.environ.get("CC", "cc"), *arguments, *build.FLAGS], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_header_is_what_the_contract_makes_of_it() -> None:
    """`python -m mmu_gather_conformance.c_header` prints the file that is committed."""
    assert (build.C_PORTS / "mmu_gather.h").read_text(encoding="utf-8") == c_header.render()


def test_the_header_has_every_service_of_the_kernel() -> None:
    """But for those that are macros or facts of the machine in C."""
    in_c = {name for _, name, _ in c_tables.SERVICES}
    elsewhere = {
        "BITS_PER_LONG", "PAGE_SIZE", "CONFIG_SMP", "Hash", "BUG_ON", "__get_free_page", "free_page",
        "free_page_and_swap_cache", "load", "store", "booted", "running",
    }  # fmt: skip
    assert functions_of(kernel) - elsewhere == in_c - {"mmu_gather_bug"}


def functions_of(module: ModuleType) -> set[str]:
    """The functions that a module defines itself."""
    own = {name: value for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__}
    return {name for name, value in own.items() if not isinstance(value, type)}


def test_the_header_of_a_later_era_has_the_later_services_too() -> None:
    """But for the end of a user's addresses, which is a macro."""
    later = {name for _, name, _ in c_tables.services("v6.12")} - {name for _, name, _ in c_tables.services()}
    assert later == functions_of(kernel_later) - {"TASK_SIZE"}


@pytest.mark.parametrize("era", CONTRACT_ERAS)
def test_the_header_of_every_era_compiles_and_is_read_by_the_suite(tmp_path: Path, era: str) -> None:
    """Alone, without a warning; and cffi finds the same table in it."""
    (tmp_path / "mmu_gather.h").write_text(c_header.render(era))
    source = tmp_path / "alone.c"
    head = "unsigned long mmu_gather_size(void)"
    body = "{ return sizeof(struct mmu_gather_ops); }"
    source.write_text(f'#include "mmu_gather.h"\n{head};\n{head} {body}\n')
    compile_(f"-I{tmp_path}", "-o", tmp_path / "alone.so", source)
    ffi = cffi.FFI()
    ffi.cdef(c_header.declarations(era) + f"{head};")
    library: Any = ffi.dlopen(str(tmp_path / "alone.so"))
    assert library.mmu_gather_size() == ffi.sizeof("struct mmu_gather_ops")


def test_every_service_in_the_header_says_what_the_kernel_says_of_it() -> None:
    """The first sentence of its docstring stands above it."""
    text = c_header.render()
    for _, name, _ in c_tables.SERVICES:
        doc = (getattr(kernel, name, None) and getattr(kernel, name).__doc__) or ""
        if doc:
            assert " * " + doc.partition("\n")[0].replace("None", "0").rstrip() in text, name


@pytest.mark.parametrize("standard", ["gnu99", "gnu11", "gnu2x"])
def test_the_header_compiles_without_a_warning_where_nothing_of_it_is_used(tmp_path: Path, standard: str) -> None:
    """Alone, with -Wall -Wextra -Werror."""
    source = tmp_path / "alone.c"
    source.write_text('#include "mmu_gather.h"\n')
    compile_(f"-std={standard}", "-o", tmp_path / "alone.so", source)


def test_the_header_is_cpp_as_well(tmp_path: Path) -> None:
    """Alone, as above."""
    source = tmp_path / "alone.cc"
    source.write_text('#include "mmu_gather.h"\n')
    compile_("-x", "c++", "-fsyntax-only", source)


def test_a_port_may_have_several_files(tmp_path: Path) -> None:
    """All of them call the one kernel that the library was bound to."""
    sources = tmp_path / "flush.c", tmp_path / "rest.c"
    for source, text in zip(sources, (FLUSH, REST), strict=True):
        source.write_text(text)
    library = tmp_path / "two_files.so"
    compile_("-o", library, *sources)
    port, case = ports.open_port(f"so:{library}"), find("pages-then-tables/ipi/small")
    assert case is not None
    runs = Recorder(port.image(case.config), case.scenario, case.config).record().runs
    assert {run.outcome for run in runs} == {Outcome.ENDED}
    assert any(isinstance(event, ev.Invalidate) for event in runs[0].trace)
