# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The contract is the one source: the link table, the lists and the documentation agree with it."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest
from mmu_gather_spec import contract, linked

PROTOCOLS = (contract.GenericHalf, contract.ArchHalf, contract.TracksHash)


def methods(protocol: type) -> dict[str, Callable[..., object]]:
    """The functions of a half by the kernel's names, which the class body has mangled."""
    return {
        name.removeprefix(f"_{protocol.__name__}"): value
        for name, value in vars(protocol).items()
        if inspect.isfunction(value) and value.__module__ == contract.__name__
    }


def contracted() -> dict[str, Callable[..., object]]:
    """Every function of the contract."""
    return {name: function for protocol in PROTOCOLS for name, function in methods(protocol).items()}


def test_the_lists_are_the_protocols_methods() -> None:
    """In their order."""
    assert tuple(methods(contract.GenericHalf)) == contract.GENERIC_HALF
    assert tuple(methods(contract.ArchHalf)) == contract.ARCH_HALF
    assert tuple(methods(contract.TracksHash)) == contract.HASH64_HALF


@pytest.mark.parametrize("name", [*contract.GENERIC_HALF, *contract.ARCH_HALF])
def test_the_link_table_has_the_contracts_signature(name: str) -> None:
    """Parameters, types, and that they are positional-only."""
    own = inspect.signature(getattr(linked, name))
    of_contract = inspect.signature(contracted()[name])
    assert list(own.parameters.values()) == list(of_contract.parameters.values())[1:]
    assert own.return_annotation == of_contract.return_annotation


@pytest.mark.parametrize("name", contracted())
def test_a_function_says_what_it_does_and_where_that_is_written(name: str) -> None:
    """kernel-doc in brief."""
    doc = inspect.getdoc(contracted()[name]) or ""
    assert doc.startswith(f"{name} - ")
    assert "Source: " in doc
