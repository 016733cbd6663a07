# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The kernel API as typed contracts: what a port provides, function by function, in each era.

A port is a module, or several, of functions with exactly these names.  It may bring the
generic half, the arch half, or both; the suite links a missing half from the reference,
as the C linker would.  Parameters are positional-only, so a port names its own.

Each era has a module, complete in itself: `contract.v5_7.GenericHalf` is what generic code
provides in v5.7.  Neighbours have the same names in the same order, so that the difference
of two files is what changed.  What they speak of is the freeing of pages and of tables; of the
upper levels and of mappings they have what a caller writes (`OtherCallers`), of the kernel's
debugging and of huge entries nothing.

The halves are Protocols, and a *module* satisfies them.  A class should not try:
Python mangles names such as `__tlb_remove_table` inside a class body, both type checkers
accept what then fails at run time, and so callers of such names are functions of a module.

The C header is generated from these files.  Each docstring is kernel-doc in brief: what the
function does, its arguments and their units, the context it may be called from, what makes
it BUG, and its source.  Sources name the file, and the seed's line where the seed has it; the
head of each era's file says whether its signatures were read in that release.

Without an era this package gives the default era's names.  The other eras' modules are imported
when they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from types import FunctionType
from typing import Final

from mmu_gather_spec.contract.rfc_2010 import ArchHalf, GenericHalf, OtherCallers, TracksHash
from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.record import record

#: The eras that have a contract, in the order of time.  Which of them can be run is `eras.ERAS`' affair.
CONTRACT_ERAS: Final = ("v2.6.37", "rfc-2010-base", "rfc-2010", "v3.0", "v4.19", "v5.7", "v6.1", "v6.12", "v7.0")

#: The Protocols of an era's module, and which half of a port each speaks of.
PROTOCOLS: Final = {"GenericHalf": "generic", "ArchHalf": "arch", "TracksHash": "arch", "OtherCallers": "generic"}


@record(frozen=True, slots=True)
class Contract:
    """What a port provides in one era, by the kernel's names and in the order of the era's file."""

    era: str
    #: the module that has the Protocols
    module: str
    #: what every port of the generic half provides
    generic_half: tuple[str, ...]
    #: what every port of an arch half provides
    arch_half: tuple[str, ...]
    #: what a port of hash64's half provides besides: all of it, or none
    hash64_half: tuple[str, ...]
    #: what a port may provide
    other_callers: tuple[str, ...]
    #: the constants of an arch half, each a read-only `int`
    constants: tuple[str, ...]
    #: all the functions
    functions: dict[str, Callable[..., object]]


def contract_of(era: str = DEFAULT_ERA, /) -> Contract:
    """The contract of an era.

    Errors: KeyError for an era that has none.
    """
    if era not in CONTRACT_ERAS:
        raise KeyError(era)
    module = f"{__name__}.{era.replace('.', '_').replace('-', '_')}"
    protocols = {name: getattr(import_module(module), name) for name in PROTOCOLS}
    members = {name: dict(_members(protocol)) for name, protocol in protocols.items()}
    functions = {
        name: {plain: member for plain, member in each.items() if isinstance(member, FunctionType)}
        for name, each in members.items()
    }
    return Contract(
        era,
        module,
        generic_half=tuple(functions["GenericHalf"]),
        arch_half=tuple(functions["ArchHalf"]),
        hash64_half=tuple(functions["TracksHash"]),
        other_callers=tuple(functions["OtherCallers"]),
        constants=tuple(name for name, member in members["ArchHalf"].items() if isinstance(member, property)),
        functions={name: function for each in functions.values() for name, function in each.items()},
    )


def _members(protocol: type) -> Iterator[tuple[str, object]]:
    """The members of a half by the kernel's names, which the class body has mangled."""
    for name, member in vars(protocol).items():
        ours = isinstance(member, FunctionType) and member.__module__ == protocol.__module__
        # typing gives a Protocol an __init__ of its own; whatever the kernel names says what it is.
        if (ours and " - " in (member.__doc__ or "")) or isinstance(member, property):
            yield name.removeprefix(f"_{protocol.__name__}"), member


def functions(era: str = DEFAULT_ERA, /) -> dict[str, Callable[..., object]]:
    """The functions of an era's contract by the kernel's names."""
    return contract_of(era).functions


_default: Final = contract_of()
GENERIC_HALF: Final = _default.generic_half
ARCH_HALF: Final = _default.arch_half
HASH64_HALF: Final = _default.hash64_half

__all__ = [
    "ARCH_HALF",
    "CONTRACT_ERAS",
    "GENERIC_HALF",
    "HASH64_HALF",
    "PROTOCOLS",
    "ArchHalf",
    "Contract",
    "GenericHalf",
    "OtherCallers",
    "TracksHash",
    "contract_of",
    "functions",
]
