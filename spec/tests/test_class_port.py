# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A class that is shaped as a port becomes functions, under the names that a class body takes away."""

from __future__ import annotations

from types import FunctionType
from typing import Any, Protocol

import pytest
from mmu_gather_spec.contract.class_port import NotAPort, publish
from mmu_gather_spec.words import mmu_gather, pgf_p


class Arch:
    """Some of an arch half."""

    MAX_PGTABLE_INDEX_SIZE = 0xF

    def __init__(self) -> None:
        self.freed: list[object] = []

    def tlb_flush(self, tlb: mmu_gather, /) -> None:
        """tlb_flush - says that it was called"""
        self.freed.append("flush")

    def __tlb_remove_table(self, _table: pgf_p, /) -> None:
        self.freed.append(_table)


class _Derived(Arch):
    """Some more of it: its own names are mangled with its own name, less the underscore in front."""

    def __pmd_free_tlb(self, tlb: mmu_gather, pmdp: object, address: int, /) -> None:
        self.freed.append(address)


class Frees(Protocol):
    """What a type checker thinks that Arch is."""

    def __tlb_remove_table(self, _table: pgf_p, /) -> None: ...


def free(half: Frees) -> None:
    """Outside of a class the name is what it is."""
    half.__tlb_remove_table(pgf_p(7))


def module() -> dict[str, Any]:
    """The globals of a module."""
    return {"__name__": "port"}


def test_every_method_is_a_function_of_the_module_under_the_kernels_name() -> None:
    """Those of a base class, too; and it is the instance's method that is called."""
    port, names = _Derived(), module()
    assert publish(port, names) == ("tlb_flush", "__tlb_remove_table", "__pmd_free_tlb")
    names["__tlb_remove_table"](pgf_p(7))
    names["__pmd_free_tlb"](None, None, 0x1000)
    names["tlb_flush"](None)
    assert port.freed == [pgf_p(7), 0x1000, "flush"]
    for name in ("tlb_flush", "__tlb_remove_table"):
        assert isinstance(names[name], FunctionType)
        assert (names[name].__name__, names[name].__module__) == (name, "port")
    assert names["MAX_PGTABLE_INDEX_SIZE"] == 0xF


def test_what_a_type_checker_takes_for_a_method_is_none() -> None:
    """This is why there is an adapter."""
    half: Frees = Arch()
    with pytest.raises(AttributeError, match="__tlb_remove_table"):
        free(half)


def test_what_the_class_does_not_have_is_not_made_up() -> None:
    """Nor is it among the names that are returned."""
    names = module()
    assert "pgtable_free_tlb" not in publish(Arch(), names)
    assert "pgtable_free_tlb" not in names


def test_a_class_without_anything_of_the_contract_is_no_port() -> None:
    """Said when it is published, not when it is called; of the era that was asked for."""
    with pytest.raises(NotAPort, match=r"object has no method of the contract of v5\.7"):
        publish(object(), module(), era="v5.7")


def test_a_name_is_not_given_twice() -> None:
    """One of the two would be lost without a word."""
    with pytest.raises(NotAPort, match="port has a tlb_flush besides that of Arch"):
        publish(Arch(), module() | {"tlb_flush": print})
