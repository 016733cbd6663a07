# SPDX-License-Identifier: GPL-2.0-only
"""What a reader of the Kconfig closure gets: the matrix, whole, and a reason for each cell that needs one."""

from __future__ import annotations

import importlib

import mmu_gather_arch
import pytest
from mmu_gather_conformance.kconfig_table import as_rst, render
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.kconfig_eras import POINTS_OF, cells, families
from mmu_gather_spec.kconfig_generic import PT_RECLAIM

MATRIX = """\
Does powerpc build once the page-table freeing is generic?

               select HAVE_RCU_TABLE_FREE if PPC64       select HAVE_RCU_TABLE_FREE if SMP
               from the patch                            from the reply
PPC32 SMP      link failure                              builds
PPC32 UP       builds                                    builds
PPC64 SMP      builds                                    builds
PPC64 UP       compile failure                           builds
Book3E-64 SMP  breakage reported, cause not in the seed  breakage reported, cause not in the seed
Book3E-64 UP   compile failure                           breakage reported, cause not in the seed
               breakage reported, cause not in the seed
"""

PPC32_SMP = """\
PPC32 SMP, select HAVE_RCU_TABLE_FREE if PPC64: link failure
  selected    CONFIG_HAVE_RCU_TABLE_FREE is off; arch/powerpc/Kconfig, seed line 454
  missing     tlb_remove_table: declared and referred to, but no built unit defines it
  unit        mm/memory.c
  needed by   pgtable_free_tlb(); arch/powerpc/include/asm/pgalloc.h, seed line 64
  provided by mm/memory.c, seed line 401; only under CONFIG_HAVE_RCU_TABLE_FREE (seed line 354)
"""

PPC64_UP = """\
PPC64 UP, select HAVE_RCU_TABLE_FREE if PPC64: compile failure
  selected    CONFIG_HAVE_RCU_TABLE_FREE is on; arch/powerpc/Kconfig, seed line 454
  missing     __tlb_remove_table: used, but no header declares it in this configuration
  unit        mm/memory.c
  needed by   tlb_remove_table_one(); mm/memory.c, seed line 375
  needed by   tlb_remove_table_rcu(); mm/memory.c, seed line 386
  needed by   tlb_remove_table(); mm/memory.c, seed line 412
  provided by arch/powerpc/include/asm/pgalloc.h, seed line 67; only under CONFIG_SMP (seed line 53)
"""

BOOK3E_SMP = """\
Book3E-64 SMP, select HAVE_RCU_TABLE_FREE if SMP: breakage reported, cause not in the seed
  selected    CONFIG_HAVE_RCU_TABLE_FREE is on; arch/powerpc/Kconfig, seed line 20
  reported    "some additional breakage for the 64-bit BookE case"; the reply, seed line 22
"""

LIST_TABLE_HEAD = """\
.. list-table:: Does powerpc build once the page-table freeing is generic?
   :header-rows: 1
   :stub-columns: 1

   * -
     - select HAVE_RCU_TABLE_FREE if PPC64; from the patch
     - select HAVE_RCU_TABLE_FREE if SMP; from the reply
   * - PPC32 SMP
     - link failure
     - builds
"""


def test_the_plain_text_opens_with_the_whole_matrix() -> None:
    """Six rows and two columns, a cell with two findings on two lines, then an empty line."""
    assert render().startswith(MATRIX + "\n")


def test_each_failing_cell_has_its_reason_below_the_matrix() -> None:
    """The missing name, who needs it, who would provide it and under which condition, and the lines."""
    blocks = render().removeprefix(MATRIX + "\n").split("\n\n")
    assert [block.splitlines()[0].split(":")[0] for block in blocks] == [
        "PPC32 SMP, select HAVE_RCU_TABLE_FREE if PPC64",
        "PPC64 UP, select HAVE_RCU_TABLE_FREE if PPC64",
        "Book3E-64 SMP, select HAVE_RCU_TABLE_FREE if PPC64",
        "Book3E-64 SMP, select HAVE_RCU_TABLE_FREE if SMP",
        "Book3E-64 UP, select HAVE_RCU_TABLE_FREE if PPC64",
        "Book3E-64 UP, select HAVE_RCU_TABLE_FREE if SMP",
    ]
    assert [blocks[0] + "\n", blocks[1] + "\n", blocks[3] + "\n"] == [PPC32_SMP, PPC64_UP, BOOK3E_SMP]


def test_book3e_64_up_gives_the_derived_reason_and_the_report() -> None:
    """Neither hides the other: the report adds to what was derived for PPC64."""
    block = render().split("\n\n")[6]
    assert "missing     __tlb_remove_table" in block
    assert "reported    " in block


def test_no_line_of_the_plain_text_is_wider_than_a_terminal_or_ends_in_blanks() -> None:
    """It is meant to be quoted in a mail."""
    assert [line for line in render().splitlines() if len(line) > 110 or line != line.rstrip()] == []


def test_the_list_table_has_the_rows_of_the_plain_text() -> None:
    """One bullet for a row and one for each cell of it."""
    assert as_rst().startswith(LIST_TABLE_HEAD)
    assert as_rst().count("   * -") == 7
    assert "     - compile failure; breakage reported, cause not in the seed\n" in as_rst()


def test_the_reasons_in_the_documentation_mark_names_as_code() -> None:
    """A bare name with underscores could be read as a reference."""
    assert (
        ":provided by: ``arch/powerpc/include/asm/pgalloc.h``, seed line 67; only under ``CONFIG_SMP`` (seed line 53)\n"
    ) in as_rst()
    assert ":missing: ``tlb_remove_table``: declared and referred to" in as_rst()


V6_1_SPARC64 = """\
Does sparc64 build in v6.1?

             no select line  select MMU_GATHER_RCU_TABLE_FREE  select MMU_GATHER_RCU_TABLE_FREE if SMP
             from nobody     from nobody                       from the kernel
sparc64 SMP  link failure    builds                            builds
sparc64 UP   builds          compile failure                   builds
"""

V6_1_S390 = """\
s390, no select line: unmet dependency
  selected    nothing is selected; arch/s390/Kconfig, unverified
  missing     CONFIG_MMU_GATHER_TABLE_FREE: a selected symbol depends on it, and it is off
  unit        arch/Kconfig
  needed by   MMU_GATHER_NO_GATHER; arch/s390/Kconfig, not in the seed
"""


def test_an_era_has_a_matrix_for_each_arch_that_asks() -> None:
    """One under the other, each with its own select lines and reasons."""
    titles = [line for line in render("v6.1").splitlines() if line.startswith("Does ")]
    assert titles == [f"Does {arch} build in v6.1?" for arch in ("powerpc", "sparc64", "x86", "s390", "arm64", "arm")]
    assert V6_1_SPARC64 in render("v6.1")
    assert V6_1_S390 in render("v6.1")


@pytest.mark.parametrize("era", ERAS)
def test_every_eras_text_can_be_quoted_and_has_the_rows_of_its_pages(era: str) -> None:
    """No line is too wide for a mail, and both forms have as many configurations."""
    text, page = render(era), as_rst(era)
    assert [line for line in text.splitlines() if len(line) > 120 or line != line.rstrip()] == []
    points = sum(len(one.points) for one in families(era))
    assert page.count("   * - ") == points


def test_the_halves_of_v7_0_have_pt_reclaim_where_kconfig_sets_it() -> None:
    """What an arch half says of itself follows from the select lines."""
    halves = mmu_gather_arch.halves("v7.0")
    for arch in POINTS_OF:
        modules = [importlib.import_module(f"mmu_gather_arch.{name}") for name in halves[arch, True]]
        told = any(getattr(module, "CONFIG_PT_RECLAIM", 0) for module in modules)
        assert {PT_RECLAIM in cell.config for cell in cells(arch, "v7.0")} == {told}, arch
