# SPDX-License-Identifier: GPL-2.0-only
"""An ELF file of i386, as far as it takes to lay a port out in memory: segments, symbols, relocations.

There need not be a 32-bit dynamic linker on a machine whose compiler makes 32-bit code, so that its work is done here.
It is little for a port, which is freestanding code: what is undefined is found by name elsewhere or told, all of it.
No other library is loaded and no constructor is run.
"""

from __future__ import annotations

import struct
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from mmu_gather_conformance.image import ProtocolError

_HEADER: Final = struct.Struct("<16s2H5I6H")
_SEGMENT: Final = struct.Struct("<8I")
_SECTION: Final = struct.Struct("<10I")
_SYMBOL: Final = struct.Struct("<3I2BH")
_RELOCATION: Final = struct.Struct("<2I")
_WORD: Final = struct.Struct("<I")

_EM_386: Final = 3
_PT_LOAD: Final = 1
_SHT_SYMTAB, _SHT_REL, _SHT_DYNSYM = 2, 9, 11
_SHF_ALLOC: Final = 2
_STB_WEAK: Final = 2
_SHN_UNDEF: Final = 0
#: R_386_..., by number.
_32, _PC32, _GLOB_DAT, _JMP_SLOT, _RELATIVE = 1, 2, 6, 7, 8
#: A library with more than this in memory is no port, in bytes.
IMAGE_BOUND: Final = 1 << 24


def is_elf32(path: Path, /) -> bool:
    """Whether a file says that it is of ELF's 32-bit class."""
    with path.open("rb") as file:
        return file.read(5) == b"\x7fELF\x01"


class Segment(NamedTuple):
    """A part of an image with rights of its own, as mprotect() takes them."""

    address: int
    size: int
    rights: int


class Symbol(NamedTuple):
    """A name, and where it is if it is defined."""

    name: str
    address: int
    defined: bool
    weak: bool


class Section(NamedTuple):
    """A section, as far as anybody here looks at it."""

    kind: int
    flags: int
    offset: int
    size: int
    link: int


def _rights(flags: int) -> int:
    """ELF's flags are 1 to execute, 2 to write and 4 to read; mprotect() has the first and the last the other way."""
    return (flags >> 2 & 1) | (flags & 2) | (flags & 1) << 2


class Elf32:
    """One file.  Errors: ProtocolError where it is none of i386, or is cut off."""

    def __init__(self, path: Path, /) -> None:
        self.path = path
        self._bytes = path.read_bytes()
        try:
            self._read()
        except (struct.error, IndexError, ValueError) as error:
            raise ProtocolError(f"{path} is not a whole ELF file: {error}") from error

    def _read(self) -> None:
        ident, _, machine, _, _, segments, sections, _, _, size, count, section_size, section_count, _ = (
            _HEADER.unpack_from(self._bytes)
        )
        if ident[:6] != b"\x7fELF\x01\x01" or machine != _EM_386:
            raise ProtocolError(f"{self.path} is no ELF file of i386")
        loads = [
            _SEGMENT.unpack_from(self._bytes, segments + number * size)
            for number in range(count)
        ]  # fmt: skip
        self._loads = [each for each in loads if each[0] == _PT_LOAD]
        self._sections = [
            Section(each[1], each[2], each[4], each[5], each[6])
            for each in (
                _SECTION.unpack_from(self._bytes, sections + number * section_size) for number in range(section_count)
            )
        ]
        #: bytes in memory, from address 0
        self.size = max((address + size for _, _, address, _, _, size, _, _ in self._loads), default=0)
        if self.size > IMAGE_BOUND and machine == _EM_386 and self._dynamic():
            raise ProtocolError(f"{self.path} would fill {self.size} bytes, which no port does")

    def _dynamic(self) -> bool:
        return any(section.kind == _SHT_DYNSYM for section in self._sections)

    def segments(self) -> list[Segment]:
        """What of the file is in memory."""
        return [Segment(address, size, _rights(flags)) for _, _, address, _, _, size, flags, _ in self._loads]

    def content(self) -> bytearray:
        """The image, before its relocations."""
        image = bytearray(self.size)
        for _, offset, address, _, size, _, _, _ in self._loads:
            image[address : address + size] = self._bytes[offset : offset + size]
        return image

    def addresses(self) -> dict[str, int]:
        """The names that are defined here, and where each is in the image."""
        return {
            symbol.name: symbol.address
            for number, section in enumerate(self._sections)
            if section.kind in (_SHT_SYMTAB, _SHT_DYNSYM)
            for symbol in self._symbols(number)
            if symbol.defined and symbol.name
        }

    def _symbols(self, number: int) -> list[Symbol]:
        table = self._sections[number]
        names = self._sections[table.link]
        found = []
        for at in range(table.offset, table.offset + table.size, _SYMBOL.size):
            name, value, _, info, _, index = _SYMBOL.unpack_from(self._bytes, at)
            start = names.offset + name
            text = self._bytes[start : self._bytes.index(0, start)].decode(errors="replace")
            found.append(Symbol(text, value, index != _SHN_UNDEF, info >> 4 == _STB_WEAK))
        return found

    def missing(self, elsewhere: Container[str], /) -> tuple[str, ...]:
        """The names that it needs and that are nowhere, each once."""
        needed = (symbol for _, _, symbol in self._relocations() if not symbol.defined and not symbol.weak)
        return tuple(dict.fromkeys(each.name for each in needed if each.name and each.name not in elsewhere))

    def laid_out(self, base: int, elsewhere: Mapping[str, int], /) -> bytearray:
        """The image as it is in memory from `base` on.

        elsewhere: where the names are that it does not define.
        Errors: ProtocolError with all names that are nowhere, or a relocation that only a whole linker does.
        """
        missing = self.missing(elsewhere)
        if missing:
            raise ProtocolError(f"{self.path} needs {', '.join(missing)}, and there is no 32-bit C library for it")
        image = self.content()
        for offset, kind, symbol in self._relocations():
            (was,) = _WORD.unpack_from(image, offset)
            if kind == _RELATIVE:
                value = base + was
            elif kind in (_32, _PC32, _GLOB_DAT, _JMP_SLOT):
                there = base + symbol.address if symbol.defined else elsewhere.get(symbol.name, 0)
                value = there + (was if kind in (_32, _PC32) else 0) - (base + offset if kind == _PC32 else 0)
            else:
                raise ProtocolError(f"{self.path} has a relocation of type {kind}: compile it freestanding")
            _WORD.pack_into(image, offset, value & 0xFFFFFFFF)
        return image

    def _relocations(self) -> Iterator[tuple[int, int, Symbol]]:
        for section in self._sections:
            if section.kind != _SHT_REL or not section.flags & _SHF_ALLOC:
                continue
            symbols = self._symbols(section.link)
            for at in range(section.offset, section.offset + section.size, _RELOCATION.size):
                offset, info = _RELOCATION.unpack_from(self._bytes, at)
                yield offset, info & 0xFF, symbols[info >> 8]
