# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The contracts are the one source: the link table agrees with them, and an era differs where it is said to."""

from __future__ import annotations

import difflib
import inspect
import itertools
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from mmu_gather_spec import contract, linked
from mmu_gather_spec.contract import CONTRACT_ERAS, Contract, contract_of
from mmu_gather_spec.eras import ERAS

CONTRACTS = {era: contract_of(era) for era in CONTRACT_ERAS}
NEIGHBOURS = tuple(itertools.pairwise(CONTRACT_ERAS))

#: What each era adds, takes away, and gives another signature, compared with the era before.
CHANGES: dict[str, tuple[set[str], set[str], set[str]]] = {
    "rfc-2010-base": (set(), set(), {"tlb_gather_mmu"}),
    "rfc-2010": ({"tlb_remove_table", "tlb_table_flush", "__tlb_remove_table"}, set(), {"pgtable_free_tlb"}),
    "v3.0": ({"__tlb_remove_page"}, set(), {"tlb_gather_mmu", "tlb_flush_mmu"}),
    "v4.19": (
        {"tlb_remove_page_size", "__tlb_remove_page_size", "p4d_free_tlb"},
        set(),
        {"tlb_gather_mmu", "__tlb_remove_page", "pte_free_tlb", "__pte_free_tlb"},
    ),
    "v5.7": (
        {"tlb_flush_mmu_tlbonly", "tlb_needs_table_invalidate", "__tlb_adjust_range", "tlb_change_page_size"},
        {"tlb_table_flush"},
        set(),
    ),
    "v6.1": (
        {
            "tlb_gather_mmu_fullmm", "tlb_remove_table_sync_one",
            "tlb_gather_mmu_vma", "tlb_unshare_pmd_ptdesc", "tlb_flush_unshared_tables",
        },
        set(),
        {"tlb_gather_mmu", "tlb_finish_mmu"},
    ),
    "v6.12": (
        {
            "__tlb_remove_folio_pages", "tlb_remove_ptdesc",
            "tlb_remove_tlb_entries", "tlb_delay_rmap", "tlb_flush_rmaps", "tlb_remove_page_ptdesc",
        },
        set(),
        {"__tlb_remove_page", "__tlb_remove_page_size", "tlb_unshare_pmd_ptdesc"},
    ),
    "v7.0": ({"tlb_remove_table_sync_rcu"}, set(), set()),
}  # fmt: skip


#: What ports of the era before may bring, and those of this one have to: it stands elsewhere then.
DUE: Final = {"v7.0": {"tlb_gather_mmu_vma"}}


def signatures(of: Contract) -> dict[str, inspect.Signature]:
    """The functions of a contract with their signatures, in order."""
    return {name: inspect.signature(function) for name, function in of.functions.items()}


def text(era: str) -> list[str]:
    """The file of an era's contract."""
    (origin,) = {inspect.getfile(function) for function in CONTRACTS[era].functions.values()}
    return Path(origin).read_text("utf-8").splitlines()


@pytest.mark.parametrize(("before", "era"), NEIGHBOURS)
def test_an_era_differs_from_the_one_before_in_what_it_is_known_for(before: str, era: str) -> None:
    """Added, taken away, and changed functions; all others have the signature that they had."""
    old, new = signatures(CONTRACTS[before]), signatures(CONTRACTS[era])
    changed = {name for name in old.keys() & new.keys() if old[name] != new[name]}
    assert (new.keys() - old.keys(), old.keys() - new.keys(), changed) == CHANGES[era]


@pytest.mark.parametrize(("before", "era"), NEIGHBOURS)
def test_neighbours_can_be_read_as_a_difference(before: str, era: str) -> None:
    """What both have stands in one order, and most lines of the two files are the same."""
    both = CONTRACTS[before].functions.keys() & CONTRACTS[era].functions.keys() - DUE.get(era, set())
    assert [name for name in CONTRACTS[before].functions if name in both] == [
        name for name in CONTRACTS[era].functions if name in both
    ]
    assert difflib.SequenceMatcher(None, text(before), text(era)).ratio() > 0.75


def test_the_default_eras_contract_is_the_packages_own() -> None:
    """Without an era, names mean the seed's."""
    seed = contract_of("rfc-2010")
    assert (seed.generic_half, seed.arch_half) == (contract.GENERIC_HALF, contract.ARCH_HALF)
    assert seed.hash64_half == contract.HASH64_HALF
    assert contract.functions() == seed.functions


def test_every_era_that_can_be_run_has_a_contract_that_agrees_with_it() -> None:
    """Also about what it does not have yet."""
    for name, era in ERAS.items():
        assert era.absent.isdisjoint(CONTRACTS[name].functions), name


def test_an_era_that_is_not_asked_for_is_not_imported() -> None:
    """A command about the seed does not read nine contracts."""
    program = """
import sys
from mmu_gather_spec.contract import contract_of
contract_of("v5.7")
print(*sorted(name for name in sys.modules if name.startswith("mmu_gather_spec.contract.")))
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.split() == [f"mmu_gather_spec.contract.{name}" for name in ("gather", "rfc_2010", "v5_7")]


def test_an_era_without_a_contract_is_refused() -> None:
    """By name."""
    with pytest.raises(KeyError, match=r"v2\.6\.0"):
        contract_of("v2.6.0")


@pytest.mark.parametrize("name", [*contract.GENERIC_HALF, *contract.ARCH_HALF])
def test_the_link_table_has_the_contracts_signature(name: str) -> None:
    """Parameters, types, and that they are positional-only."""
    own = inspect.signature(getattr(linked, name))
    of_contract = inspect.signature(contract.functions()[name])
    assert list(own.parameters.values()) == list(of_contract.parameters.values())[1:]
    assert own.return_annotation == of_contract.return_annotation


@pytest.mark.parametrize("era", CONTRACT_ERAS)
def test_a_function_says_what_it_does_and_where_that_is_written(era: str) -> None:
    """kernel-doc in brief; its parameters are positional-only."""
    for name, function in CONTRACTS[era].functions.items():
        doc = inspect.getdoc(function) or ""
        assert doc.startswith(f"{name} - "), name
        assert "Source: " in doc, name
        kinds = {each.kind for each in list(inspect.signature(function).parameters.values())[1:]}
        assert kinds <= {inspect.Parameter.POSITIONAL_ONLY}, name


@pytest.mark.parametrize("era", CONTRACT_ERAS)
def test_a_contract_says_whether_its_signatures_were_read(era: str) -> None:
    """In the head of its file."""
    assert any(line.startswith("Signatures: ") for line in text(era))
