# SPDX-License-Identifier: GPL-2.0-only
"""Ports in C that are loaded into this process, by cffi: their words are as wide as Python's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cffi

from mmu_gather_conformance import c_header, c_tables
from mmu_gather_conformance.c_mirrors import CData
from mmu_gather_conformance.c_port import CPort, check_table, era_said
from mmu_gather_conformance.image import ProtocolError
from mmu_gather_conformance.native_memory import THIS_PROCESS


class SharedPort(CPort):
    """A library that was loaded."""

    def __init__(self, ffi: CData, library: CData, ops: CData, era: str, /) -> None:
        super().__init__(THIS_PROCESS, era)
        self.ffi = ffi
        self._library = library  # kept: the table is in it
        self.ops = ops
        self.bits_per_long = ops.sizeof_long * 8
        self.env = ffi.new("struct mmu_gather_env *")
        # Looked up once: cffi would parse the names again at each cast.
        self._uintptr_t = ffi.typeof("uintptr_t")
        self._void_pointer = ffi.typeof("void *")
        self.range = self.new("struct mmu_gather_range") if c_tables.is_ranged(era) else None
        self._callbacks: list[CData] = []
        self.fill_environment(ffi.sizeof("struct mmu_gather_env"))
        ops.bind(self.env)

    def number(self, pointer: CData, /) -> int:
        """By a cast."""
        return int(self.ffi.cast(self._uintptr_t, pointer))

    def pointer(self, number: int, /) -> CData:
        """To nothing in particular, which fits everywhere."""
        return self.ffi.cast(self._void_pointer, number)

    def new(self, kind: str, /) -> CData:
        """It lives as long as somebody here holds it."""
        return self.ffi.new(f"{kind} *")

    def chars(self, text: str, /) -> CData:
        """As `new`."""
        return self.ffi.new("char[]", text.encode())

    def text(self, pointer: CData, /) -> str:
        """Up to its NUL."""
        return str(self.ffi.string(pointer).decode(errors="replace"))

    def enter(self, entry: CData, /, *arguments: CData) -> int:
        """A call like any other."""
        return entry(*arguments) or 0

    def place(self, result: str, /) -> tuple[CData, Callable[[], int]]:
        """A variable of its own."""
        place = self.ffi.new(f"{result} *")
        return place, lambda: place[0]

    def callback(self, name: str, function: Callable[..., Any], /) -> CData:
        """A function pointer of the type that the environment has for it."""
        kind = self.ffi.typeof(getattr(self.env, name))
        nothing = None if kind.result.kind == "void" else self.ffi.cast(kind.result, 0)

        def called(*arguments: CData) -> Any:
            result = function(*arguments)
            return nothing if nothing is None or result is None else result

        callback = self.ffi.callback(kind, called)
        self._callbacks.append(callback)
        return callback


def load(path: str, /) -> SharedPort:
    """Load a library, by the header of the era that it was compiled with.

    Errors: ProtocolError, in one line, for whatever is not a port.
    """
    if not Path(path).exists():
        raise ProtocolError(f"no such file: {path}")
    era = _era_of(path)
    ffi = cffi.FFI()
    ffi.cdef(c_header.declarations(era))
    library: CData = ffi.dlopen(str(Path(path).resolve()))
    try:
        get_ops = library.mmu_gather_get_ops
    except AttributeError as error:
        raise ProtocolError(f"{path} has no symbol mmu_gather_get_ops") from error
    ops = get_ops(c_header.ABI)
    check_table(path, ops or None, ffi.sizeof("struct mmu_gather_ops"))
    return SharedPort(ffi, library, ops, era)


def _era_of(path: str) -> str:
    """Which header a library was compiled with."""
    ffi: CData = cffi.FFI()
    ffi.cdef("extern const char mmu_gather_era[];")
    try:
        library: CData = ffi.dlopen(str(Path(path).resolve()))
    except OSError as error:
        raise ProtocolError(f"{path} is not a shared library: {error}") from error
    try:
        said: bytes = ffi.string(library.mmu_gather_era)
    except (AttributeError, KeyError):
        said = b""  # made with an older header, or no port at all
    return era_said(path, said.decode(errors="replace"))
