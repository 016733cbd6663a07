# SPDX-License-Identifier: GPL-2.0-only
"""What a port is asked for: the contract of an era as declarations that a probe and a person can read."""

from __future__ import annotations

import inspect
import re
from typing import Final

from mmu_gather_spec import words
from mmu_gather_spec.arch import ARCHS
from mmu_gather_spec.contract import Contract, contract_of
from mmu_gather_spec.record import record

#: The struct is a name of the contract, too: the generic half declares it.
GATHER: Final = "mmu_gather"
STRUCT: Final = f"struct {GATHER}"

HALVES: Final = ("generic", "arch")

#: What a port does without on architectures that do not select the batching of tables.
BATCHING: Final = frozenset({"tlb_remove_table", "tlb_table_flush", "__tlb_remove_table"})


@record(frozen=True, slots=True)
class Wanted:
    """One name of a contract."""

    name: str
    #: the types of its parameters as the contract's file spells them; None for what is no function
    parameters: tuple[str, ...] | None
    #: the type that it returns, or that it has
    result: str
    #: the declaration, for a person
    text: str


def wanted(of: Contract, name: str, /) -> Wanted:
    """The declaration of one function of a contract."""
    signature = inspect.signature(of.functions[name])
    parameters = list(signature.parameters.values())[1:]
    shown = ", ".join([*map(str, parameters), *("/" for _ in parameters[:1])]).replace("'", "")
    result = str(signature.return_annotation).strip("'")
    kinds = tuple(str(parameter.annotation).strip("'") for parameter in parameters)
    return Wanted(name, kinds, result, f"def {name}({shown}) -> {result}")


def constant(name: str, /) -> Wanted:
    """The declaration of a constant."""
    return Wanted(name, None, "int", f"{name}: int")


def struct() -> Wanted:
    """The declaration of the gather."""
    return Wanted(STRUCT, None, "words.mmu_gather", f"class {GATHER}, whose mm is an mm_struct")


def asked_for(era: str, halves: tuple[str, ...], bound: frozenset[str], archs: tuple[str, ...] = (), /) -> list[Wanted]:
    """What a port is held to.

    halves: which of a port's halves.  bound: the names that it defines; what a port may leave out is asked for only
    if it is among them, and hash64's extras only if one of them is.  archs: those that it says it is for.
    """
    of = contract_of(era)
    known = [ARCHS[arch] for arch in archs if arch in ARCHS]
    unbatched = bool(known) and not any(arch.selects_table_batching for arch in known)
    unneeded = BATCHING - bound if unbatched else frozenset()
    found: list[Wanted] = []
    if "generic" in halves:
        found.append(struct())
        found += [wanted(of, name) for name in of.generic_half if name not in unneeded]
        found += [wanted(of, name) for name in of.other_callers if name in bound]
    if "arch" in halves:
        hash64 = of.hash64_half if bound.intersection(of.hash64_half) else ()
        found += map(constant, of.constants)
        found += [wanted(of, name) for name in (*of.arch_half, *hash64) if name not in unneeded]
    return found


def brought(era: str, bound: frozenset[str], /) -> tuple[str, ...]:
    """The halves of which a port defines something; both, if it defines nothing at all."""
    of = contract_of(era)
    there = {
        "generic": not bound.isdisjoint(of.generic_half),
        "arch": not bound.isdisjoint((*of.arch_half, *of.hash64_half)),
    }
    return tuple(half for half in HALVES if there[half]) or HALVES


def spelled(kind: str, gather: str, /) -> str:
    """A type of the contract as a probe spells it, which imports `words` only.

    gather: what `struct mmu_gather` is in the port.
    """
    if kind == GATHER:
        return gather
    return re.sub(r"(?<![\w.])\w+", lambda name: f"words.{name[0]}" if name[0] in vars(words) else name[0], kind)
