# SPDX-License-Identifier: GPL-2.0-only
"""`mmu-gather check-header`: the same verdicts, of a C header, by the C compiler."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from mmu_gather_conformance.c_header import prototype, render
from mmu_gather_conformance.cli import cli
from mmu_gather_conformance.static.headers import check_header, shown
from mmu_gather_conformance.static.verdict import CannotCheck, FunctionVerdict, Static
from mmu_gather_spec.contract import ARCH_HALF, CONTRACT_ERAS, GENERIC_HALF, HASH64_HALF, contract_of

#: What a header of any era needs that a port does not include the suite's.
TYPES = """
#include <stdbool.h>
typedef struct { unsigned long pte; } pte_t;
typedef pte_t *pgtable_t;
struct mmu_gather; struct mm_struct; struct page; struct ptdesc; struct vm_area_struct;
"""
MASK = "#define MAX_PGTABLE_INDEX_SIZE 0xf\n"

#: An arch half as the contract has it, with one function left for each test to declare.
ARCH = {name: shown(prototype(name)) for name in ARCH_HALF}


def verdicts(folder: Path, text: str, **options: str) -> dict[str, FunctionVerdict]:
    """What becomes of a header with this text."""
    header = folder / "port.h"
    header.write_text(text, encoding="utf-8")
    return {each.function: each for each in check_header(str(header), **options).functions}


def wrong(folder: Path, **changed: str) -> dict[str, str]:
    """The functions of an arch half that are not ok, with some declared otherwise."""
    text = TYPES + MASK + "\n".join((ARCH | changed).values())
    return {name: each.verdict.value for name, each in verdicts(folder, text).items() if each.verdict is not Static.OK}


@pytest.mark.parametrize("era", CONTRACT_ERAS)
def test_a_header_with_the_contracts_own_prototypes_is_right_in_every_era(era: str, tmp_path: Path) -> None:
    """All of them, those that a port may leave out as well."""
    of = contract_of(era)
    text = TYPES + MASK + "\n".join(shown(prototype(name, era)) for name in of.functions)
    found = verdicts(tmp_path, text, era=era)
    assert set(found) == {*of.functions, *of.constants}
    assert {each.verdict for each in found.values()} == {Static.OK}


def test_a_header_is_held_to_the_era_of_the_suites_header_that_it_includes(tmp_path: Path) -> None:
    """As a run holds the library to it; an era that there is not is told, and --era has the last word."""
    suites = tmp_path / "mmu_gather.h"
    suites.write_text(render("v6.12"), encoding="utf-8")
    header = tmp_path / "port.h"
    own = "void (tlb_flush_rmaps)(struct mmu_gather *tlb, struct vm_area_struct *vma);"
    header.write_text(f'#include "mmu_gather.h"\n{own}\n', encoding="utf-8")
    assert check_header(str(header)).era == "v6.12"
    assert check_header(str(header), era="v6.1").era == "v6.1"
    suites.write_text(render("v6.12").replace('MMU_GATHER_ERA "v6.12"', 'MMU_GATHER_ERA "v9.9"'), encoding="utf-8")
    with pytest.raises(CannotCheck, match=r"of 'v9\.9', which is no era"):
        check_header(str(header))


@pytest.mark.parametrize(
    ("name", "declared", "verdict"),
    [
        ("__tlb_remove_table", "", "MISSING"),
        ("pgtable_free_tlb", "void pgtable_free_tlb(struct mmu_gather *tlb, int shift, void *table);", "SIGNATURE"),
        ("pgtable_free_tlb", "void pgtable_free_tlb(struct mmu_gather *tlb, void *table);", "SIGNATURE"),
        ("pgtable_free_tlb", "void pgtable_free_tlb(struct mmu_gather *tlb, void *table, long shift);", "SIGNATURE"),
        ("pgtable_free_tlb", "void pgtable_free_tlb(struct mmu_gather *, void *, int, ...);", "SIGNATURE"),
        ("__tlb_remove_table", "void __tlb_remove_table(struct page *_table);", "SIGNATURE"),
        ("__tlb_remove_table", "int __tlb_remove_table(void *_table);", "SIGNATURE"),
        ("__tlb_remove_table", "extern int __tlb_remove_table;", "SIGNATURE"),
        ("__tlb_remove_table", "void __tlb_remove_table();", "UNTYPED"),
        ("__tlb_remove_table", "#define __tlb_remove_table(table) do { (void)(table); } while (0)", "UNTYPED"),
        ("__tlb_remove_table", "#define __tlb_remove_table(tlb, table) do { } while (0)", "SIGNATURE"),
        ("tlb_flush", "#define tlb_flush(tlb) do { struct page *p = (tlb); (void)p; } while (0)", "SIGNATURE"),
    ],
)
def test_a_header_that_is_wrong_in_one_way(name: str, declared: str, verdict: str, tmp_path: Path) -> None:
    """By the function's name."""
    assert wrong(tmp_path, **{name: declared}) == {name: verdict}


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("tlb_flush", "static inline void tlb_flush(struct mmu_gather *gather) { (void)gather; }"),
        ("tlb_flush", "extern void (tlb_flush)(struct mmu_gather *);"),
        ("tlb_flush", "#define tlb_flush tlb_flush\nvoid tlb_flush(struct mmu_gather *tlb);"),
        (
            "__pte_free_tlb",
            """void free_pte(struct mmu_gather *tlb, struct page *page, unsigned long address);
#define __pte_free_tlb(tlb, page, address) do { free_pte(tlb, page, address); } while (0)
""",
        ),
    ],
)
def test_a_header_that_is_right_in_another_way(name: str, declared: str, tmp_path: Path) -> None:
    """As headers of the kernel are."""
    assert wrong(tmp_path, **{name: declared}) == {}


def test_a_header_may_include_the_suites_or_want_it_to_be_included_before(tmp_path: Path) -> None:
    """Its link has macros with the contract's names, which declare nothing."""
    declared = "void (tlb_flush)(struct mmu_gather *tlb);\nvoid __tlb_remove_tlb_entry_(pte_t *ptep);\n"
    for text in ('#include "mmu_gather.h"\n' + declared, declared):
        found = verdicts(tmp_path, text)
        assert found["tlb_flush"].verdict is Static.OK
        assert found["__tlb_remove_table"].verdict is Static.MISSING


def test_the_mask_is_a_number(tmp_path: Path) -> None:
    """A macro, an enumerator, or what a function returns; no pointer."""
    for mask in (
        "#define MAX_PGTABLE_INDEX_SIZE ((int)mask())\nunsigned long mask(void);",
        "enum { MAX_PGTABLE_INDEX_SIZE };",
    ):
        assert verdicts(tmp_path, mask + ARCH["tlb_flush"])["MAX_PGTABLE_INDEX_SIZE"].verdict is Static.OK, mask
    text = '#define MAX_PGTABLE_INDEX_SIZE "0xf"\n' + ARCH["tlb_flush"]
    assert verdicts(tmp_path, text)["MAX_PGTABLE_INDEX_SIZE"].verdict is Static.SIGNATURE
    assert verdicts(tmp_path, ARCH["tlb_flush"])["MAX_PGTABLE_INDEX_SIZE"].verdict is Static.MISSING


def test_a_fault_is_told_with_its_line_and_both_prototypes(tmp_path: Path) -> None:
    """Whatever comments say of the name before."""
    text = "/* void tlb_flush(int); */\n// tlb_flush()\n\nvoid tlb_flush(struct mmu_gather *tlb,\n\t\tint all);\n"
    found = verdicts(tmp_path, text)["tlb_flush"]
    assert (found.line, found.got) == (4, "void tlb_flush(struct mmu_gather *tlb, int all)")
    assert found.expected == "void tlb_flush(struct mmu_gather *tlb);"


def test_what_a_header_does_not_declare_anything_of_is_not_asked_of_it(tmp_path: Path) -> None:
    """A half, hash64's extras, and what a port may leave out."""
    text = TYPES + "\n".join(shown(prototype(name)) for name in GENERIC_HALF)
    assert list(verdicts(tmp_path, text)) == list(GENERIC_HALF)
    hash64 = verdicts(tmp_path, TYPES + MASK + "\n".join(ARCH.values()) + shown(prototype(HASH64_HALF[1])))
    assert {name for name, each in hash64.items() if each.verdict is Static.MISSING} == set(HASH64_HALF) - {
        HASH64_HALF[1]
    }
    assert set(verdicts(tmp_path, "")) == {*GENERIC_HALF, *ARCH_HALF, "MAX_PGTABLE_INDEX_SIZE"}


def command(*arguments: str | Path) -> Result:
    """The command, in this process."""
    return CliRunner().invoke(cli, ["check-header", *map(str, arguments)])


def test_the_command_exits_with_0_1_2_and_5(tmp_path: Path) -> None:
    """Right, wrong, not there, and no C."""
    header = tmp_path / "port.h"
    header.write_text(TYPES + MASK + "\n".join(ARCH.values()))
    assert command(header).exit_code == 0
    assert command(header, "--era", "v5.7").exit_code == 1
    assert command(header, "--half", "generic", "--format", "json").exit_code == 1
    result = command(header.with_name("none.h"))
    assert (result.exit_code, "none.h: No such file" in result.output) == (2, True)
    header.write_text("void tlb_flush(struct mmu_gather *tlb\n")
    result = command(header)
    assert (result.exit_code, "in the middle of a declaration" in result.output) == (5, True)


def test_the_formats_are_those_of_check_types(tmp_path: Path) -> None:
    """With the same members."""
    header = tmp_path / "port.h"
    header.write_text(TYPES + MASK + "\n".join((ARCH | {"tlb_flush": "void tlb_flush(void);"}).values()))
    document = json.loads(command(header, "--format", "json").output)
    functions = {each["function"]: each["verdict"] for each in document["ports"][0]["functions"]}
    assert functions == {"MAX_PGTABLE_INDEX_SIZE": "ok", **dict.fromkeys(ARCH_HALF, "ok"), "tlb_flush": "SIGNATURE"}
    assert command(header, "--format", "github").output.startswith(f"::error file={header},line=")
    (result,) = json.loads(command(header, "--format", "sarif").output)["runs"][0]["results"]
    assert result["ruleId"] == "SIGNATURE"


def test_a_compiler_that_does_not_look_is_not_taken_for_one_that_finds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No answer is no verdict."""
    monkeypatch.setenv("CC", "true")
    with pytest.raises(CannotCheck, match="true could not check"):
        verdicts(tmp_path, ARCH["tlb_flush"])
