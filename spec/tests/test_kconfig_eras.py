# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The Kconfig closure of every era: each own line builds, each family has one that does not, and the law agrees.

Reasons are compared for one failing cell of each kind. Then one declaration at a time is changed, as for the seed: an
answer that did not follow the declarations would show there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest
from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.kconfig import Closure, How, Outcome, closure
from mmu_gather_spec.kconfig_eras import POINTS_OF, Family, cells, families
from mmu_gather_spec.kconfig_generic import OWN, PT_RECLAIM, RCU, READ, TABLE
from mmu_gather_spec.kconfig_tree import Entry, Guard, Kind, Provide, Tree, Use
from mmu_gather_spec.rule import Standing
from mmu_gather_spec.rules import RULES

RULE: Final = RULES["configuration.selected-where-used"]
LATER: Final = tuple(era for era in ERAS if ERAS[era].batches_on_up)


def family(era: str, name: str) -> Family:
    """An arch's Kconfig file in an era."""
    (found,) = [each for each in families(era) if each.name == name]
    return found


def cell(era: str, point: str, phrase: str) -> Closure:
    """One configuration under one line."""
    (found,) = [
        each
        for one in families(era)
        for each in one.matrix()
        if (each.point.name, each.select.source.phrase) == (point, phrase)
    ]
    return found


def missing(found: Closure) -> list[tuple[str, Outcome, How]]:
    """What is wrong with a configuration, without its witnesses."""
    return [(each.name, each.phase, each.how) for each in found.missing]


def changed(tree: Tree, old: Entry, new: Entry | None) -> Tree:
    """A tree with one entry replaced, wherever it stands; or without it."""
    files = []
    for file in tree.files:
        entries = (new if entry == old else entry for entry in file.entries)
        files.append(replace(file, entries=tuple(entry for entry in entries if entry is not None)))
    return replace(tree, files=tuple(files))


@pytest.mark.parametrize("era", ERAS)
def test_an_eras_own_lines_build_where_the_rule_is_required(era: str) -> None:
    """And at the seed one does not, which is S10."""
    faults = {each.point.name for arch in POINTS_OF for each in cells(arch, era) if each.missing}
    required = RULE.status_in(era).standing is Standing.REQUIRED
    assert faults == (set() if required else {"PPC32 SMP", "PPC64 UP", "Book3E-64 UP"})


@pytest.mark.parametrize("era", [era for era in ERAS if era not in ("v2.6.37", "rfc-2010-base")])
def test_every_family_has_a_line_that_does_not_build(era: str) -> None:
    """So that its own line is seen to matter. Before the seed there is no line: declarations are changed below."""
    assert [each.name for each in families(era) if not any(found.missing for found in each.matrix())] == []


@pytest.mark.parametrize("era", ERAS)
def test_every_arch_of_an_era_has_configurations(era: str) -> None:
    """The controls are in no Kconfig file, and an arch that has not come yet is in none."""
    assert [arch for arch in ERAS[era].archs if arch in POINTS_OF and not cells(arch, era)] == []
    assert bool(cells("x86", era)) == ("x86" in ERAS[era].archs)


@pytest.mark.parametrize("era", [era for era in ERAS if era not in ("v2.6.37", "rfc-2010-base", "rfc-2010")])
def test_powerpc_has_the_batching_on_up_where_the_law_says_so(era: str) -> None:
    """What the closure derives, and what the rules about batches ask an era."""
    up = [each for each in family(era, "powerpc").cells() if "SMP" not in each.point.symbols]
    assert [not each.config.isdisjoint({RCU, "HAVE_RCU_TABLE_FREE"}) for each in up] == [ERAS[era].batches_on_up] * 3


# --- before the seed -------------------------------------------------------------------------


def test_before_the_seed_two_files_agree_by_config_smp() -> None:
    """Without the #ifdef over its batching, pgtable.c makes on UP what pgalloc.h makes there as well."""
    old = family("rfc-2010-base", "powerpc")
    (body,) = [
        entry
        for file in old.tree.files
        for entry in file.entries
        if isinstance(entry, Provide) and (entry.name, entry.kind) == ("pgtable_free_tlb", Kind.BODY)
    ]
    wrong = changed(old.tree, body, replace(body, guard=Guard(on=("PPC64",))))
    found = {point.name: missing(closure(point, old.selects[0], wrong)) for point in old.points}
    fault = [("pgtable_free_tlb", Outcome.LINK_FAILURE, How.UNDEFINED)]
    assert {name: faults for name, faults in found.items() if faults} == {"PPC32 SMP": fault}


# --- since v5.7 ------------------------------------------------------------------------------


@pytest.mark.parametrize("era", LATER)
def test_powerpc_on_up_is_refused_under_the_line_of_before(era: str) -> None:
    """asm/tlb.h says whether tables need an invalidation, and may say so only where RCU is selected."""
    found = cell(era, "PPC64 UP", f"select {RCU} if SMP")
    assert missing(found)[0] == (f"CONFIG_{RCU}", Outcome.COMPILE_FAILURE, How.REFUSED)
    assert [use.source.file for use in found.missing[0].uses] == ["arch/powerpc/include/asm/tlb.h"]


def test_without_that_header_powerpc_on_up_would_wait_for_the_linker() -> None:
    """tlb_remove_table() is declared before it becomes another name for tlb_remove_page()."""
    powerpc = family("v6.12", "powerpc")
    (needs,) = [
        entry
        for file in powerpc.tree.files
        for entry in file.entries
        if isinstance(entry, Provide) and (entry.name, entry.kind) == ("tlb_needs_table_invalidate", Kind.INLINE)
    ]
    (up,) = [point for point in powerpc.points if point.name == "PPC64 UP"]
    found = closure(up, powerpc.selects[0], changed(powerpc.tree, needs, None))
    assert missing(found) == [("tlb_remove_table", Outcome.LINK_FAILURE, How.UNDEFINED)]


@pytest.mark.parametrize("era", LATER)
def test_table_free_by_itself_does_not_compile(era: str) -> None:
    """tlb_table_invalidate() asks what is there only with RCU; and who answers by itself is refused."""
    found = cell(era, "arm64", f"select {TABLE}")
    assert missing(found) == [("tlb_needs_table_invalidate", Outcome.COMPILE_FAILURE, How.UNDECLARED)]
    powerpc = family(era, "powerpc")
    alone = replace(powerpc.selects[1], symbol=TABLE)
    (first, *_) = closure(powerpc.points[0], alone, powerpc.tree).missing
    assert (first.name, first.how) == (f"CONFIG_{RCU}", How.REFUSED)


@pytest.mark.parametrize("era", ["v5.7", "v6.1", "v6.12"])
def test_sparc64_needs_the_line_on_smp_and_not_on_up(era: str) -> None:
    """On SMP it declares the function, on UP it has none that frees a table from a batch."""
    assert missing(cell(era, "sparc64 SMP", "no select line")) == [
        ("tlb_remove_table", Outcome.LINK_FAILURE, How.UNDEFINED)
    ]
    assert missing(cell(era, "sparc64 UP", f"select {RCU}")) == [
        ("__tlb_remove_table", Outcome.COMPILE_FAILURE, How.UNDECLARED)
    ]


@pytest.mark.parametrize("era", ["v5.7", "v6.1", "v6.12"])
def test_a_guest_takes_the_address_of_what_is_another_name(era: str) -> None:
    """A macro with arguments is none; called, it would do, as the next test shows."""
    found = cell(era, "x86 guest", "no select line")
    assert missing(found) == [("tlb_remove_table", Outcome.COMPILE_FAILURE, How.UNDECLARED)]
    assert cell(era, "x86", "no select line").findings == (Outcome.BUILDS,)


def test_a_guest_that_only_called_it_would_build() -> None:
    """Since v6.14 it does."""
    x86 = family("v6.12", "x86")
    (taken,) = [e for file in x86.tree.files for e in file.entries if isinstance(e, Use) and e.address]
    guest, _ = x86.points
    called = changed(x86.tree, taken, replace(taken, address=False))
    assert closure(guest, x86.selects[0], called).findings == (Outcome.BUILDS,)
    assert cell("v7.0", "x86 guest", f"select {RCU} if PARAVIRT").findings == (Outcome.BUILDS,)


@pytest.mark.parametrize("era", LATER)
def test_s390_goes_without_a_gather_only_where_tables_are_batched(era: str) -> None:
    """MMU_GATHER_NO_GATHER depends on it, and a select line asks nobody."""
    found = cell(era, "s390", "no select line")
    assert missing(found) == [(f"CONFIG_{TABLE}", Outcome.UNMET, How.DEPENDS)]


def test_arm_has_the_batching_with_lpae_on_smp_alone() -> None:
    """Elsewhere tlb_remove_table() is tlb_remove_page(), and all of it builds."""
    found = family("v6.12", "arm").cells()
    assert [each.point.name for each in found if TABLE in each.config] == ["arm LPAE SMP"]
    assert {each.findings for each in found} == {(Outcome.BUILDS,)}


# --- v7.0 ------------------------------------------------------------------------------------


def test_pt_reclaim_is_on_where_a_table_is_a_ptdesc_and_rcu_frees_it() -> None:
    """It takes the word that is queued for a ptdesc, so that whoever encodes more says so and has none."""
    found = {each.point.name: PT_RECLAIM in each.config for one in families("v7.0") for each in one.cells()}
    assert {name for name, on in found.items() if on} == {"x86 guest", "x86", "s390", "arm64", "arm LPAE SMP"}


def test_who_encodes_more_than_a_ptdesc_and_does_not_say_so_makes_a_function_twice() -> None:
    """powerpc without HAVE_ARCH_TLB_REMOVE_TABLE: the generic __tlb_remove_table() is there as well."""
    powerpc = family("v7.0", "powerpc")
    silent = replace(powerpc.tree, selects=())
    assert OWN not in closure(powerpc.points[0], powerpc.selects[1], silent).config
    for point in powerpc.points:
        found = closure(point, powerpc.selects[1], silent)
        assert missing(found) == [("a single __tlb_remove_table", Outcome.COMPILE_FAILURE, How.TWICE)]
        assert PT_RECLAIM in found.config


# --- the tables themselves -------------------------------------------------------------------


@pytest.mark.parametrize("era", READ)
def test_every_use_of_an_era_stops_some_build_if_nobody_provides_it(era: str) -> None:
    """No entry is idle: what is generic stops the build of some arch, what is an arch's stops its own."""
    idle: dict[Use, bool] = {}
    for one in families(era):
        for use in {entry for file in one.tree.files for entry in file.entries if isinstance(entry, Use)}:
            wrong = changed(one.tree, use, replace(use, name="nobody_has_this"))
            found = (closure(point, line, wrong) for point in one.points for line in one.selects)
            stops = any(each.name == "nobody_has_this" for made in found for each in made.missing)
            idle[use] = idle.get(use, True) and not stops
    assert {use for use, without_effect in idle.items() if without_effect} == set()


def test_a_source_that_was_not_read_says_so() -> None:
    """The select lines of 6.1 and 6.12 were read; those of the others that came after the seed were not."""
    evidence = {
        era: {
            line.source.evidence
            for one in families(era)[1:]
            for line in one.selects
            if line.proposed_by == "the kernel"
        }
        for era in READ
    }
    assert {era for era, kinds in evidence.items() if kinds == {"kernel"}} == {"v6.1", "v6.12"}
