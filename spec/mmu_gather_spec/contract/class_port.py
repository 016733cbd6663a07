# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`publish(Port(), globals())`: a class that is shaped as a port becomes the functions of a module.

Inside a class body Python renames `__tlb_remove_table` to `_Port__tlb_remove_table`.  A type checker knows nothing of
that, and takes the class for an `ArchHalf`; at run time nobody outside of it finds the method.  This adapter looks
for each name of the contract where Python has put it, and says what it has not found instead of letting a caller find
out.

What it must not do: make up what the class does not have.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

from mmu_gather_spec.contract import contract_of
from mmu_gather_spec.eras import DEFAULT_ERA


class NotAPort(TypeError):
    """The class has nothing of the contract, or the module has it already."""


def publish(port: object, module: dict[str, Any], /, *, era: str = DEFAULT_ERA) -> tuple[str, ...]:
    """Put the methods of `port` into a module, as functions with the kernel's names.

    port: an instance; its methods are called on it.  module: `globals()` of the module that is to be the port.
    era: whose contract names the functions.  Returns the names that were found, in the contract's order; what is not
    among them the class does not have under any name.
    Errors: NotAPort if none is found, or if the module defines one of them itself.
    """
    of = contract_of(era)
    found = {name: method for name in of.functions if (method := _found(port, name)) is not None}
    constants = {name: getattr(port, name) for name in of.constants if hasattr(port, name)}
    if not found:
        raise NotAPort(f"{type(port).__name__} has no method of the contract of {era}")
    twice = [name for name in (*found, *constants) if name in module]
    if twice:
        raise NotAPort(f"{module['__name__']} has a {twice[0]} besides that of {type(port).__name__}")
    module.update(constants)
    for name, method in found.items():
        module[name] = _function(name, method, module["__name__"])
    return tuple(found)


def _found(port: object, name: str) -> Callable[..., Any] | None:
    """A method by the kernel's name, under whichever name a class of `port` has it."""
    if hasattr(port, name):
        return getattr(port, name)  # type: ignore[no-any-return]  # whatever it is, the contract is not checked here
    for cls in type(port).__mro__:
        mangled = f"_{cls.__name__.lstrip('_')}{name}"
        if mangled in vars(cls):
            return getattr(port, mangled)  # type: ignore[no-any-return]  # the same
    return None


def _function(name: str, method: Callable[..., Any], module: str) -> FunctionType:
    """A plain function of the module, which is what a port consists of."""

    def call(*arguments: Any) -> Any:
        return method(*arguments)

    call.__name__ = call.__qualname__ = name
    call.__module__ = module
    call.__doc__ = method.__doc__
    assert isinstance(call, FunctionType)
    return call
