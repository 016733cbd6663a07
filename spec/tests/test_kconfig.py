# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The Kconfig closure: the two select lines told apart, and told apart for the reason that the files give.

The first half compares the matrix with what the mail says. The second half changes one declaration at a time
and looks for another answer: a closure that ignored its table would fail there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from mmu_gather_spec.kconfig import Closure, Half, Outcome, closure, matrix
from mmu_gather_spec.kconfig_seed import MEMORY, NOHASH, PGALLOC, POINTS, SELECTS, SMP, TREE
from mmu_gather_spec.kconfig_tree import ALWAYS, Entry, File, Provide, Tree, Use, kernel

IF_PPC64, IF_SMP = SELECTS
PPC32_SMP, PPC32_UP, PPC64_SMP, PPC64_UP, BOOK3E_SMP, BOOK3E_UP = POINTS


def change(path: str, edit: Callable[[Entry], Entry | None]) -> Tree:
    """The tree with every entry of one file passed through `edit`; None takes the entry out."""
    files: list[File] = []
    for file in TREE.files:
        edited = [edit(entry) for entry in file.entries] if file.path == path else list(file.entries)
        files.append(replace(file, entries=tuple(entry for entry in edited if entry is not None)))
    return replace(TREE, files=tuple(files))


def missing(cell: Closure) -> list[tuple[str, Outcome, str]]:
    """What stops a build, without its witnesses."""
    return [(m.name, m.phase, m.unit) for m in cell.missing]


def test_the_two_select_lines_differ_where_the_mail_says() -> None:
    """`if PPC64` leaves PPC32 SMP unlinked and PPC64 UP uncompiled; `if SMP` mends both."""
    assert [(c.point.name, c.select.source.phrase, c.findings) for c in matrix()[:8]] == [
        ("PPC32 SMP", "select HAVE_RCU_TABLE_FREE if PPC64", (Outcome.LINK_FAILURE,)),
        ("PPC32 SMP", "select HAVE_RCU_TABLE_FREE if SMP", (Outcome.BUILDS,)),
        ("PPC32 UP", "select HAVE_RCU_TABLE_FREE if PPC64", (Outcome.BUILDS,)),
        ("PPC32 UP", "select HAVE_RCU_TABLE_FREE if SMP", (Outcome.BUILDS,)),
        ("PPC64 SMP", "select HAVE_RCU_TABLE_FREE if PPC64", (Outcome.BUILDS,)),
        ("PPC64 SMP", "select HAVE_RCU_TABLE_FREE if SMP", (Outcome.BUILDS,)),
        ("PPC64 UP", "select HAVE_RCU_TABLE_FREE if PPC64", (Outcome.COMPILE_FAILURE,)),
        ("PPC64 UP", "select HAVE_RCU_TABLE_FREE if SMP", (Outcome.BUILDS,)),
    ]


def test_ppc64_up_does_not_compile_for_want_of___tlb_remove_table() -> None:
    """mm/memory.c calls it in three places; asm/pgalloc.h has it, under CONFIG_SMP."""
    cell = closure(PPC64_UP, IF_PPC64)
    (found,) = cell.missing
    (offer,) = found.offers
    assert missing(cell) == [("__tlb_remove_table", Outcome.COMPILE_FAILURE, MEMORY)]
    assert [(use.by, use.source.line) for use in found.uses] == [
        ("tlb_remove_table_one", 375),
        ("tlb_remove_table_rcu", 386),
        ("tlb_remove_table", 412),
    ]
    assert (offer.provide.source.file, offer.guards) == (PGALLOC, (SMP,))


def test_ppc32_smp_does_not_link_for_want_of_tlb_remove_table() -> None:
    """asm/pgalloc.h declares and calls it; mm/memory.c has it, under CONFIG_HAVE_RCU_TABLE_FREE."""
    cell = closure(PPC32_SMP, IF_PPC64)
    (found,) = cell.missing
    (offer,) = found.offers
    assert missing(cell) == [("tlb_remove_table", Outcome.LINK_FAILURE, MEMORY)]
    assert [(use.by, use.source.file) for use in found.uses] == [("pgtable_free_tlb", PGALLOC)]
    assert offer.provide.source.file == MEMORY
    assert [str(guard) for guard in offer.guards] == ["CONFIG_HAVE_RCU_TABLE_FREE"]


def test_a_failing_cell_cites_the_lines_of_the_mail() -> None:
    """The select line, the call, the body that is left out and its #ifdef."""
    assert [source.line for source in closure(PPC32_SMP, IF_PPC64).sources] == [454, 64, 401, 354]


def test_each_half_asks_the_other_for_what_smp_needs() -> None:
    """With the batching, the generic half calls back and the arch half hands its tables over."""
    cell = closure(PPC64_SMP, IF_SMP)
    assert cell.generic.requires == ("__pte_free_tlb", "__tlb_remove_table", "tlb_flush")
    assert cell.arch.requires == ("tlb_remove_table",)


def test_up_asks_nothing_of_the_generic_half_under_either_select() -> None:
    """pgtable_free_tlb() frees at once, whatever the generic half was built with."""
    cells = [cell for cell in matrix() if "SMP" not in cell.config]
    assert [cell.arch.requires for cell in cells] == [()] * 6


def test_without_the_symbol_the_gather_has_no_batch() -> None:
    """HAVE_RCU_TABLE_FREE gates the field, the flush and the two functions alike."""
    assert closure(PPC64_UP, IF_SMP).generic == Half(
        requires=("__pte_free_tlb", "tlb_flush"),
        provides=("pte_free_tlb", "tlb_finish_mmu", "tlb_flush_mmu", "tlb_gather_mmu"),
    )


def test_book3e_64_reads_reported_where_nothing_is_derived() -> None:
    """The reply says that it breaks, so it never reads "builds", and no cause is made up for it."""
    cells = [closure(BOOK3E_SMP, IF_PPC64), closure(BOOK3E_SMP, IF_SMP), closure(BOOK3E_UP, IF_SMP)]
    assert [(cell.findings, cell.missing) for cell in cells] == [((Outcome.REPORTED,), ())] * 3
    assert {cell.reports[0].source.line for cell in cells} == {22}


def test_book3e_64_up_fails_as_ppc64_does_and_is_reported_as_well() -> None:
    """It is PPC64, so the derivation holds for it too; the report stands beside it."""
    cell = closure(BOOK3E_UP, IF_PPC64)
    assert cell.findings == (Outcome.COMPILE_FAILURE, Outcome.REPORTED)
    assert cell.missing == closure(PPC64_UP, IF_PPC64).missing


def test_book3e_64_is_told_by_the_report_and_by_nothing_else() -> None:
    """A tree without the report has no other opinion of Book3E-64 SMP than of PPC64 SMP."""
    silent = replace(TREE, reports=())
    assert closure(BOOK3E_SMP, IF_SMP, silent).findings == (Outcome.BUILDS,)


def test_the_matrix_has_every_point_under_both_selects_in_a_stable_order() -> None:
    """Points outermost, each under the patch's line and then the reply's."""
    assert [(c.point, c.select) for c in matrix()] == [(point, select) for point in POINTS for select in SELECTS]


def unguarded(entry: Entry) -> Entry:
    """The entry without the #ifdef over it."""
    return replace(entry, guard=ALWAYS)


def test_ppc64_up_builds_once___tlb_remove_table_loses_its_guard() -> None:
    """The answer follows the declaration: the #ifdef is the cause, and the only one."""

    def edit(entry: Entry) -> Entry:
        return unguarded(entry) if entry.name == "__tlb_remove_table" else entry

    assert closure(PPC64_UP, IF_PPC64, change(PGALLOC, edit)).findings == (Outcome.BUILDS,)


def test_the_generic_half_cannot_be_built_without_the_symbol() -> None:
    """With the #ifdef of mm/memory.c gone, what asm-generic/tlb.h still guards goes missing instead."""
    cell = closure(PPC32_SMP, IF_PPC64, change(MEMORY, unguarded))
    assert missing(cell) == [
        ("mmu_gather.batch", Outcome.COMPILE_FAILURE, MEMORY),
        ("struct mmu_table_batch", Outcome.COMPILE_FAILURE, MEMORY),
        ("MAX_TABLE_BATCH", Outcome.COMPILE_FAILURE, MEMORY),
    ]


def test_ppc32_smp_would_not_even_compile_without_the_declaration_in_pgalloc() -> None:
    """The extern in asm/pgalloc.h is what carries the fault on to the linker."""

    def undeclared(entry: Entry) -> Entry | None:
        return None if isinstance(entry, Provide) and entry.name == "tlb_remove_table" else entry

    cell = closure(PPC32_SMP, IF_PPC64, change(PGALLOC, undeclared))
    assert missing(cell) == [("tlb_remove_table", Outcome.COMPILE_FAILURE, PGALLOC)]


def test_an_inline_that_nobody_calls_needs_nothing_of_the_linker() -> None:
    """PPC32 SMP links once nothing leads from mm/memory.c to pgtable_free_tlb()."""

    def uncalled(entry: Entry) -> Entry | None:
        return None if isinstance(entry, Use) and entry.name == "pte_free_tlb" else entry

    assert closure(PPC32_SMP, IF_PPC64, change(MEMORY, uncalled)).findings == (Outcome.BUILDS,)


def test_without_the_flag_an_undeclared_call_waits_for_the_linker() -> None:
    """PPC64 UP fails in the compiler only because the kernel refuses implicit declarations."""
    lenient = replace(TREE, implicit_call_refused=None)
    assert closure(PPC64_UP, IF_PPC64, lenient).findings == (Outcome.LINK_FAILURE,)


def test_without_the_flag_a_missing_field_still_stops_the_compiler() -> None:
    """A field is not a call: the compiler never takes it on trust."""
    lenient = replace(change(MEMORY, unguarded), implicit_call_refused=None)
    phases = {m.name: m.phase for m in closure(PPC32_SMP, IF_PPC64, lenient).missing}
    assert phases["mmu_gather.batch"] is Outcome.COMPILE_FAILURE


def test_a_call_that_the_patch_forgot_to_remove_is_found() -> None:
    """pte_free_finish() is gone; a tlb_flush() that still called it would not compile."""
    call = Use("pte_free_finish", "tlb_flush", ALWAYS, kernel(NOHASH, "pte_free_finish(tlb)"))
    files = tuple(replace(file, entries=(*file.entries, call)) if file.path == NOHASH else file for file in TREE.files)
    cell = closure(BOOK3E_SMP, IF_SMP, replace(TREE, files=files))
    assert missing(cell) == [("pte_free_finish", Outcome.COMPILE_FAILURE, NOHASH)]
    assert closure(PPC64_SMP, IF_SMP, replace(TREE, files=files)).findings == (Outcome.BUILDS,)


def test_every_use_in_the_table_stops_some_build_if_nobody_provides_it() -> None:
    """No entry is idle: each need, made unmeetable, is found where its guard lets it be compiled."""
    for file in TREE.files:
        for use in (entry for entry in file.entries if isinstance(entry, Use)):
            cells = matrix(change(file.path, partial(unmeetable, use)))
            assert "nobody_has_this" in {m.name for cell in cells for m in cell.missing}, use


def unmeetable(use: Use, entry: Entry) -> Entry:
    """The entry, but with a name that does not exist where it is `use`."""
    return replace(use, name="nobody_has_this") if entry == use else entry
