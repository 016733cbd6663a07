# SPDX-License-Identifier: GPL-2.0-only
"""Ports written in Python: modules of functions with the kernel's names.

A module is loaded afresh for each case, so that nothing a port keeps in its globals survives.
Where one module brings both halves, its calls from one to the other would not be seen; so the
names of the link table are rebound in the copy, as if each half had imported them.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import itertools
import sys
from collections.abc import Callable, Iterable
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from mmu_gather_spec import linked

from mmu_gather_conformance.image import CROSSINGS, Half, ProtocolError

if TYPE_CHECKING:
    from pathlib import Path


class PythonGather:
    """A struct mmu_gather as a Python object whose fields hold poison."""

    def __init__(self, struct: type, fill: int, /) -> None:
        self._fields = _fields(struct)
        self.handle: object = object.__new__(struct)
        self._kept: dict[str, object] = {}
        for name, annotation in self._fields.items():
            value = None if fill == 0 and "None" in annotation else int.from_bytes(bytes([fill]) * 4, "big")
            setattr(self.handle, name, value)

    def hide(self) -> None:
        """Delete the fields, so that any use of one shows."""
        for name in self._fields:
            if hasattr(self.handle, name):
                self._kept[name] = getattr(self.handle, name)
                delattr(self.handle, name)

    def show(self) -> bool:
        """Bring the fields back; True if a new one has appeared meanwhile."""
        touched = any(hasattr(self.handle, name) for name in self._fields)
        for name, value in self._kept.items():
            setattr(self.handle, name, value)
        self._kept.clear()
        return touched

    def owns(self, thing: object, /) -> bool:
        """Whether `thing` is this gather."""
        return thing is self.handle


@functools.cache
def _fields(struct: type) -> dict[str, str]:
    """The fields of a struct and their types, as written."""
    return {name: str(kind) for name, kind in vars(struct).get("__annotations__", {}).items()}


_loaded = itertools.count(1)
#: The code of modules that were loaded again; two of one name are two.
_code: dict[ModuleType, Any] = {}


def fresh(module: ModuleType, /) -> ModuleType:
    """A copy of a module with globals of its own.

    Errors: ProtocolError when the module has no source to run again, or fails to.
    """
    spec = module.__spec__
    if spec is None or spec.loader is None:
        raise ProtocolError(f"{module.__name__} cannot be loaded again: it has no loader")
    copy = importlib.util.module_from_spec(spec)
    get_code = getattr(spec.loader, "get_code", None)
    if get_code is None:
        raise ProtocolError(f"{module.__name__} cannot be loaded again: its loader keeps no code")
    if module not in _code:
        _code[module] = get_code(module.__name__)
    exec(_code[module], vars(copy))  # as its loader would, without reading it again
    return copy


def half(modules: Iterable[ModuleType], overrides: dict[str, Any] | None = None, /) -> Half:
    """The half that these modules make up; a later one overrides an earlier one."""
    symbols: dict[str, Callable[..., Any]] = {}
    constants: dict[str, int] = {}
    struct: type | None = None
    for module in modules:
        copy = fresh(module)
        for name, value in {**vars(copy), **(overrides or {})}.items():
            if isinstance(value, type) and name == "mmu_gather" and not getattr(value, "_is_protocol", False):
                struct = value if value.__module__ == module.__name__ else struct
            elif isinstance(value, FunctionType) and value.__module__ != linked.__name__:
                if value.__module__ == module.__name__ or name in (overrides or {}):
                    symbols[name] = value
            elif isinstance(value, int) and name.isupper():
                constants[name] = value
        _rebind(copy, overrides or {})
    gather = None if struct is None else (lambda fill: PythonGather(struct, fill))
    return Half(symbols, constants, gather)


def definitions(module: ModuleType, /) -> dict[str, Any]:
    """The functions that a module defines itself, and its numbers; those of a delta replace the reference's."""
    return {
        name: value
        for name, value in vars(module).items()
        if (isinstance(value, FunctionType) and value.__module__ == module.__name__)
        or (isinstance(value, int) and name.isupper())
    }


def _rebind(module: ModuleType, overrides: dict[str, Any]) -> None:
    """Let the module's own calls go where the link table and the overrides lead."""
    for name, value in overrides.items():
        if name in vars(module):
            setattr(module, name, value)
    for name in CROSSINGS:
        if name in vars(module):
            setattr(module, name, getattr(linked, name))


def load(name: str, /) -> ModuleType:
    """Import a port by its module's name or by its file's path.

    Errors: ProtocolError with the reason, never a traceback.
    """
    from pathlib import Path  # noqa: PLC0415 - only a port that is a file needs it

    path = Path(name)
    if path.suffix == ".py":
        if not path.exists():
            raise ProtocolError(f"no such file: {name}")
        return _load_file(path)
    sys.path.insert(0, "")
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise ProtocolError(f"{name} cannot be imported: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove("")


def _load_file(path: Path) -> ModuleType:
    # A name of its own: a port called signal.py is not the module of that name.
    name = f"port_{next(_loaded)}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ProtocolError(f"{path} is not a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise ProtocolError(f"{path} cannot be imported: {type(error).__name__}: {error}") from error
    return module
