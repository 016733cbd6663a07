# SPDX-License-Identifier: GPL-2.0-only
"""The structs of the C header where a word has 32 bits: all their members are such words, or arrays of them.

So a struct is the list of its members' names, as the header has them.  What is no word is refused when its layout is
made, and not read wrongly later.
"""

from __future__ import annotations

import struct
from typing import Any, Final

import cffi

from mmu_gather_conformance.native_memory import Space

WORD: Final = struct.Struct("<I")
#: Types of members that are numbers with a sign, or without.
_SIGNED: Final = frozenset({"int", "long"})
_UNSIGNED: Final = frozenset({"unsigned int", "unsigned long"})


class Layout:
    """Where the members of one struct are."""

    def __init__(self, kind: Any, /) -> None:
        #: member -> its offset, how many words it has, and whether it has a sign; kind: cffi's type
        self.members: dict[str, tuple[int, int, bool]] = {}
        self.size = 0
        for name, field in kind.fields:
            count, of = (field.type.length, field.type.item) if field.type.kind == "array" else (1, field.type)
            signed = is_signed(of)
            self.members[name] = self.size, count, signed
            self.size += WORD.size * count


def is_signed(kind: Any, /) -> bool:
    """Whether a type that takes a word is a number with a sign.  kind: cffi's type, or a struct of one number."""
    if kind.kind == "struct" and len(kind.fields) == 1:  # atomic_t
        kind = kind.fields[0][1].type
    if kind.kind in ("pointer", "function") or kind.cname in _UNSIGNED:
        return False
    assert kind.cname in _SIGNED, f"a {kind.cname} is no word"
    return True


class Struct:
    """One struct in the memory of a process with such words; its members are read and set by their names."""

    __slots__ = ("address", "layout", "space")

    address: int
    layout: Layout
    space: Space

    def __init__(self, space: Space, layout: Layout, address: int, /) -> None:
        for name, value in (("space", space), ("layout", layout), ("address", address)):
            object.__setattr__(self, name, value)

    def __getattr__(self, member: str, /) -> int:
        """A number, a pointer as the word that it is, or where an array begins."""
        try:
            offset, count, signed = self.layout.members[member]
        except KeyError:
            raise AttributeError(member) from None
        if count > 1:
            return self.address + offset
        word = self.space.read(self.address + offset, WORD.size)
        return int.from_bytes(word, "little", signed=signed)

    def __setattr__(self, member: str, value: int | Struct, /) -> None:
        """A number, or a pointer."""
        offset, count, _ = self.layout.members[member]
        assert count == 1, "an array is no value"
        self.space.write(self.address + offset, WORD.pack(word_of(value)))


class Header:
    """The types of an era's header."""

    def __init__(self, declarations: str, /) -> None:
        self._ffi = cffi.FFI()
        self._ffi.cdef(declarations)
        self._layouts: dict[str, Layout] = {}

    def layout(self, kind: str, /) -> Layout:
        """The layout of a struct, by its name in C."""
        return self._layouts.get(kind) or self._layouts.setdefault(kind, Layout(self._ffi.typeof(kind)))

    def type(self, name: str, /) -> Any:
        """A type, as cffi has it."""
        return self._ffi.typeof(name)

    def arguments(self, member: str, /) -> tuple[Any, ...]:
        """The types of the arguments of a function of the environment, as cffi has them."""
        fields = dict(self._ffi.typeof("struct mmu_gather_env").fields)
        arguments: tuple[Any, ...] = fields[member].type.args
        return arguments


def word_of(value: int | Struct | bool | None, /) -> int:
    """What an argument or a result is in C; None is nothing, which is whatever nobody reads."""
    if isinstance(value, Struct):
        return value.address
    return int(value or 0) & 0xFFFFFFFF


def number_of(kind: Any, word: int, /) -> int:
    """The argument that a word is, by its type in C."""
    if kind.cname in ("_Bool", "bool"):
        return word & 0xFF
    if kind.kind == "primitive" and is_signed(kind):
        return word - (1 << 32) if word >> 31 else word
    return word
