# SPDX-License-Identifier: GPL-2.0-only
"""An ELF file of i386, as far as it takes to lay a port out in memory: segments, symbols, relocations.

There need not be a 32-bit dynamic linker on a machine whose compiler makes 32-bit code, so that its work is done here.
It is little for a port, which is freestanding code: what is undefined is found by name elsewhere or told, all of it.
No other library is loaded and no constructor is run.
"""

from __future__ import annotations

import struct
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from mmu_gather_conformance.image import ProtocolError

_HEADER: Final = struct.Struct("<16s2H5I6H")
_SEGMENT: Final = struct.Struct("<8I")
_SECTION: Final = struct.Struct("<10I")
_SYMBOL: Final = struct.Struct("<3I2BH")
_RELOCATION: Final = struct.Struct("<2I")
_WORD: Final = struct.Struct("<I")

_MAGIC: Final = b"\x7fELF\x01"  # the class: 32 bits
_LITTLE: Final = b"\x01"
_EM_386: Final = 3
_PT_LOAD: Final = 1
_SHT_SYMTAB, _SHT_REL, _SHT_DYNSYM = 2, 9, 11
_SHF_ALLOC: Final = 2
_STB_WEAK: Final = 2
_SHN_UNDEF: Final = 0
#: R_386_..., by number.
_32, _PC32, _GLOB_DAT, _JMP_SLOT, _RELATIVE = 1, 2, 6, 7, 8
#: No port is larger in memory, in bytes.
IMAGE_BOUND: Final = 1 << 24


def is_elf32(path: Path, /) -> bool:
    """Whether there is a file that says that it is of ELF's 32-bit class."""
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


class Segment(NamedTuple):
    """A part of an image with rights of its own, as mprotect() takes them, and what the file has of it."""

    address: int
    size: int
    rights: int
    content: bytes


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


class Elf32:
    """One file.  Errors: ProtocolError where it is none of i386, or is cut off."""

    def __init__(self, path: Path, /) -> None:
        self.path = path
        self._bytes = path.read_bytes()
        with self._whole():
            ident, _, machine, _, _, segments, sections, _, _, size, count, section_size, section_count, _ = (
                _HEADER.unpack_from(self._bytes)
            )
            if ident[:6] != _MAGIC + _LITTLE or machine != _EM_386:
                raise ProtocolError(f"{path} has words of 32 bits, and is not of i386")
            #: what of the file is in memory
            self.segments = tuple(self._segments(range(segments, segments + size * count, size or 1)))
            starts = range(sections, sections + section_size * section_count, section_size or 1)
            self._sections = tuple(self._section(at) for at in starts)
        #: bytes in memory, from address 0
        self.size = max((each.address + each.size for each in self.segments), default=0)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Whatever leads out of the file."""
        try:
            yield
        except (struct.error, IndexError, ValueError) as error:
            raise ProtocolError(f"{self.path} is not a whole ELF file: {error}") from error

    def _segments(self, starts: range) -> Iterator[Segment]:
        for at in starts:
            kind, offset, address, _, filled, size, flags, _ = _SEGMENT.unpack_from(self._bytes, at)
            if kind == _PT_LOAD:
                # ELF's flags are 1 to execute, 2 to write and 4 to read; the other way round there.
                rights = (flags >> 2 & 1) | (flags & 2) | (flags & 1) << 2
                yield Segment(address, size, rights, self._bytes[offset : offset + filled])

    def _section(self, at: int) -> Section:
        _, kind, flags, _, offset, size, link, _, _, _ = _SECTION.unpack_from(self._bytes, at)
        return Section(kind, flags, offset, size, link)

    def addresses(self) -> dict[str, int]:
        """The names that are defined here for others, and where each is in the image: all names of a program."""
        tables = {section.kind: section for section in self._sections}
        table = tables.get(_SHT_DYNSYM) or tables.get(_SHT_SYMTAB)
        with self._whole():
            symbols = self._symbols(table) if table else []
        return {symbol.name: symbol.address for symbol in symbols if symbol.defined and symbol.name}

    def text(self, name: str, /) -> str:
        """The string that a name stands for, as the file has it; empty where it has none of that name."""
        address = self.addresses().get(name)
        for segment in self.segments:
            if address is not None and 0 <= address - segment.address < len(segment.content):
                return segment.content[address - segment.address :].partition(b"\0")[0].decode(errors="replace")
        return ""

    def _symbols(self, table: Section) -> list[Symbol]:
        names = self._sections[table.link].offset
        found = []
        for at in range(table.offset, table.offset + table.size, _SYMBOL.size):
            name, value, _, info, _, section = _SYMBOL.unpack_from(self._bytes, at)
            text = self._bytes[names + name : self._bytes.index(0, names + name)].decode(errors="replace")
            found.append(Symbol(text, value, section != _SHN_UNDEF, info >> 4 == _STB_WEAK))
        return found

    def missing(self, elsewhere: Container[str], /) -> tuple[str, ...]:
        """The names that it needs and that are not elsewhere either, in order."""
        with self._whole():
            needed = [symbol for _, _, symbol in self._relocations() if not symbol.defined and not symbol.weak]
        return tuple(sorted({each.name for each in needed if each.name and each.name not in elsewhere}))

    def laid_out(self, base: int, elsewhere: Mapping[str, int], /) -> bytes:
        """The image as it is in memory from `base` on.

        elsewhere: where the names are that it does not define.
        Errors: ProtocolError with all names that are nowhere, or a relocation that only a whole linker does.
        """
        if self.size > IMAGE_BOUND:
            raise ProtocolError(f"{self.path} would fill {self.size} bytes, which no port does")
        missing = self.missing(elsewhere)
        if missing:
            raise ProtocolError(f"{self.path} needs {', '.join(missing)}: there is no C library where it runs")
        image = bytearray(self.size)
        for segment in self.segments:
            image[segment.address : segment.address + len(segment.content)] = segment.content
        with self._whole():
            for offset, kind, symbol in self._relocations():
                there = base + symbol.address if symbol.defined else elsewhere.get(symbol.name, 0)
                (was,) = _WORD.unpack_from(image, offset)
                value = self._relocated(kind, base, base + offset, there, was)
                _WORD.pack_into(image, offset, value & 0xFFFFFFFF)
        return bytes(image)

    def _relocated(self, kind: int, base: int, here: int, there: int, was: int) -> int:
        if kind == _RELATIVE:
            return base + was
        if kind in (_GLOB_DAT, _JMP_SLOT):
            return there
        if kind == _32:
            return there + was
        if kind == _PC32:
            return there + was - here
        raise ProtocolError(f"{self.path} has a relocation of type {kind}, which is none of a port's")

    def _relocations(self) -> Iterator[tuple[int, int, Symbol]]:
        """Where in the image, of which type, and to what."""
        for section in self._sections:
            if section.kind != _SHT_REL or not section.flags & _SHF_ALLOC:
                continue
            symbols = self._symbols(self._sections[section.link])
            for at in range(section.offset, section.offset + section.size, _RELOCATION.size):
                offset, info = _RELOCATION.unpack_from(self._bytes, at)
                yield offset, info & 0xFF, symbols[info >> 8]
