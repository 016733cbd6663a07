# SPDX-License-Identifier: GPL-2.0-only
"""Every change that an operator makes to the reference is caught, does nothing, or is correct and listed."""

from __future__ import annotations

import ast

import pytest
from mmu_gather_conformance import ports
from mmu_gather_conformance.check import check
from mmu_gather_conformance.falsify.automatic import ARCH, GENERIC, Automatic, every, find, in_file
from mmu_gather_conformance.falsify.fate import Fate, end_of
from mmu_gather_conformance.falsify.legal import LEGAL
from mmu_gather_conformance.falsify.matrix import tally
from mmu_gather_conformance.falsify.operators import changes
from mmu_gather_conformance.verdict import Verdict

#: The functions and constants that are changed.
PLACES = sorted({(mutant.file, mutant.place) for mutant in every()})

TEXT = """
def f(tlb, nr: int, /):
    '''What it does.'''
    assert nr
    if nr < 2 and tlb:
        g(tlb, 1)
        return
    for i in range(nr):
        h(~i | nr)
    tlb.nr = 0
"""


def one(text: str) -> ast.FunctionDef:
    """The function of a text."""
    (function,) = ast.parse(text).body
    assert isinstance(function, ast.FunctionDef)
    return function


@pytest.mark.parametrize(("file", "place"), PLACES, ids=lambda part: part)
def test_no_change_survives(file: str, place: str) -> None:
    """Of those that are neither equivalent nor legal, all are caught."""
    here = [mutant for mutant in in_file(file) if mutant.place == place]
    found = tally((mutant.name, end_of(mutant, thorough=mutant.name not in LEGAL).fate) for mutant in here)
    assert (found.survivors, found.stale) == ([], [])
    assert sum(found.ends.values()) == len(here) > 0


def test_every_operator_changes_what_it_says() -> None:
    """Each change in a small function, and no two alike."""
    made = {change.name: ast.unparse(change.function) for change in changes(one(TEXT))}
    same = ast.unparse(one(TEXT))
    assert len(set(made.values()) - {same}) == len(made)
    wanted = {
        "ignore-1": "nr = int(0)",
        "negate-1": "if not (nr < 2 and tlb)",
        "and-or-1": "nr < 2 or tlb",
        "bound-up-1": "nr < 2 + 1",
        "bound-down-1": "nr < 2 + -1",
        "argument-1": "g(tlb, 0)",
        "range-up-1": "range(nr + 1)",
        "range-down-1": "range(nr + -1)",
        "operator-1": "~i & nr",
        "complement-1": "~~i",
        "constant-1": "tlb.nr = 1",
    }
    assert {name: text in made[name] for name, text in wanted.items()} == dict.fromkeys(wanted, True)
    assert sum(name.startswith("drop") for name in made) == 6
    assert sum(name.startswith("swap") for name in made) == 3


def test_neither_a_docstring_nor_an_assertion_is_changed() -> None:
    """They are for readers and type checkers."""
    for change in changes(one(TEXT)):
        assert "What it does." in ast.unparse(change.function)
        assert "assert nr" in ast.unparse(change.function)


def test_every_file_of_the_reference_is_changed() -> None:
    """The generic half and each arch half; names are unique, and lead back."""
    assert {mutant.file for mutant in every()} == {*GENERIC, *ARCH}
    names = [mutant.name for mutant in every()]
    assert len(names) == len(set(names))
    assert find(names[-1]).name == names[-1]
    assert set(LEGAL) <= set(names)


def test_a_change_is_a_port_like_any_other() -> None:
    """It is run by its name, and caught by a rule."""
    report = check("automatic:memory.tlb_remove_table_one.drop-1", archs=("hash64",), keyword="no-memory-at-all/hash64")
    assert report.by_rule()["separation.waited-for-every-cpu"] is Verdict.VIOLATED
    with pytest.raises(ports.UnknownPort):
        ports.open_port("automatic:memory.nobody.drop-1")


def test_equivalent_is_checked_and_not_believed() -> None:
    """The same change is equivalent where nothing reads what it changes, and caught where something does."""

    def end(name: str) -> Fate:
        mutant: Automatic = find(name)
        return end_of(mutant).fate

    assert end("hash32.tlb_flush_pgtable.ignore-1") is Fate.EQUIVALENT
    assert end("nohash.tlb_flush_pgtable.ignore-1") is Fate.CAUGHT
