# SPDX-License-Identifier: GPL-2.0-only
"""The eras beside each other: when an erratum begins and ends, and how the code of two neighbours differs.

That each era's reference keeps its law is seen by `make results`, which runs it; what that has to come to, the tests of
`docs` say.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
from typing import Final

import mmu_gather_reference
import pytest
from mmu_gather_conformance import era_diff
from mmu_gather_conformance.era_diff import Definition, definitions, differences
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.history import changes, known_in, mended_in
from mmu_gather_spec.rules import RULES

NEIGHBOURS: Final = tuple(itertools.pairwise(ERAS))
#: Definitions that the kernel itself moved within a file.
MOVED: Final = {
    ("v3.0", "v4.19"): {"tlb_gather_mmu", "tlb_finish_mmu"},
    ("v4.19", "v5.7"): {"tlb_flush_mmu_free", "tlb_flush_mmu", "tlb_table_invalidate", "tlb_remove_table_one"},
}


@pytest.mark.parametrize(
    ("number", "first", "mended"),
    [
        ("S1", "v2.6.37", "v4.19"), ("S2", "v2.6.37", "v4.19"), ("S3", "v2.6.37", "v5.7"),
        ("S5", "rfc-2010-base", "v5.7"), ("S6", "v2.6.37", "v4.19"), ("S7", "rfc-2010-base", "v3.0"),
        ("S8", "rfc-2010", None), ("S10", "rfc-2010", "v3.0"), ("S11", "v2.6.37", "v7.0"),
        ("S13", "v2.6.37", "v4.19"), ("S14", "v2.6.37", "v6.1"), ("S15", "v2.6.37", "v6.12"),
        ("S19", "v4.19", "v5.7"), ("S20", "v6.1", None), ("S21", "v7.0", None),
    ],
)  # fmt: skip
def test_an_erratum_begins_in_one_era_and_is_mended_in_another(number: str, first: str, mended: str | None) -> None:
    """As the notes tell the story."""
    assert (known_in(number)[0], mended_in(number)) == (first, mended)


# --- the difference of two eras ---------------------------------------------------------


def kind(definition: Definition) -> str:
    """The file of a definition; mm/mmu_gather.c is what was in mm/memory.c before."""
    return "mmu_gather" if definition.file == "memory" else definition.file


@pytest.mark.parametrize(("before", "after"), NEIGHBOURS)
def test_neighbours_have_what_both_have_in_one_order(before: str, after: str) -> None:
    """In each file, but for what the kernel itself has moved."""
    old, new = definitions(before), definitions(after)
    moved = MOVED.get((before, after), set())

    def there(era: dict[str, Definition], file: str) -> list[str]:
        stay = (name for name in era if name in old and name in new and name not in moved)
        return [name for name in stay if kind(old[name]) == file == kind(new[name])]

    for file in {kind(each) for each in old.values()}:
        assert there(old, file) == there(new, file)


@pytest.mark.parametrize(("before", "after"), NEIGHBOURS)
def test_neighbours_differ_in_nothing_that_does_not_matter(before: str, after: str) -> None:
    """Where the code is the same, so are its comments and its docstrings."""
    old, new = definitions(before), definitions(after)
    same = [name for name in old if name in new and old[name].code == new[name].code]
    assert [name for name in same if old[name].lines != new[name].lines] == []


def test_every_definition_of_an_era_is_in_the_order_of_its_files() -> None:
    """And none is there twice."""
    for era in ERAS:
        found = definitions(era)
        assert set(mmu_gather_reference.GENERIC[era]) <= {each.file for each in found.values()}


def test_a_difference_tells_what_is_new_what_is_gone_and_what_has_moved() -> None:
    """With the lines of each."""
    headings = [each.heading for each in differences("rfc-2010", "v4.19")]
    assert "tlb_table_invalidate: new, in mm/memory.c" in headings
    assert "tlb_fast_mode: gone; it was in include/asm-generic/tlb.h" in headings
    assert "tlb_gather_mmu: moved from include/asm-generic/tlb.h to mm/memory.c" in headings
    (one,) = [each for each in differences("rfc-2010", "v4.19") if each.name == "tlb_remove_table"]
    assert "-    tlb.need_flush = 1" in one.lines()
    assert "+            tlb_table_invalidate(tlb)" in one.lines()


def test_the_difference_of_a_function_tells_what_it_calls_and_which_rules_bind_it() -> None:
    """The wait is in another function than the one that is asked about, and the rules do not name it."""
    shown = "\n".join(era_diff.render("v6.12", "v7.0", "tlb_remove_table"))
    assert "changed of what tlb_remove_table calls: tlb_remove_table_one\n" in shown
    assert "  separation.fallback-is-a-grace-period: not-yet -> required" in shown
    assert list(era_diff.render("v6.1", "v6.12", "tlb_remove_table"))[2:] == ["", "tlb_remove_table: the same in both"]


def test_an_era_does_not_differ_from_itself() -> None:
    """Neither in code nor in law."""
    assert differences("v6.1", "v6.1") == []
    assert list(changes("v6.1", "v6.1")) == []


def test_the_command_shows_a_function_and_the_law() -> None:
    """`mmu-gather diff rfc-2010 v4.19 tlb_remove_table`, and a name that is not there."""
    command = [sys.executable, "-m", "mmu_gather_conformance.cli", "diff", "rfc-2010", "v4.19"]
    run = subprocess.run([*command, "tlb_remove_table"], capture_output=True, text=True, check=True)
    assert "tlb_remove_table: changed" in run.stdout
    assert "  separation.no-shortcut: not-yet -> required" in run.stdout
    assert "tlb_remove_page" not in run.stdout
    missing = subprocess.run([*command, "tlb_remove_tabel"], capture_output=True, text=True, check=False)
    assert (missing.returncode, "did you mean tlb_remove_table" in missing.stderr) == (2, True)


def test_what_is_said_of_a_status_names_its_errata_in_their_order() -> None:
    """S2 before S10."""
    rule = RULES["walk.hardware-never-a-freed-table"]
    assert era_diff.words(rule.status_in("rfc-2010")) == "as-written (S1, S3, S5, S6)"
