# SPDX-License-Identifier: GPL-2.0-only
"""Kernel pages and gathers in real memory, for ports that are compiled.

Each page ends where its mapping ends, and behind it lies a page without access: one store too many is a
SIGSEGV and not a silent overwrite.  A page that was given back loses its access, too.  Pages are handed out in the
same order in every run, so that equal runs have equal addresses.
"""

from __future__ import annotations

import ctypes
import mmap
from typing import TYPE_CHECKING, Any, Final

from mmu_gather_spec.words import mm_struct

from mmu_gather_conformance import c_header

if TYPE_CHECKING:
    from mmu_gather_conformance.shared_port import SharedPort

#: cffi's objects have no types of their own.
CData = Any

_libc: Final = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [
    ctypes.c_void_p,
    ctypes.c_size_t,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_int,
    ctypes.c_long,
]
_libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]

_NONE: Final = 0
_OPEN: Final = mmap.PROT_READ | mmap.PROT_WRITE
#: Pages that one run may ask for: more than any scenario does.
SLOTS: Final = 4096
#: Every address handed out is a multiple of this.
ALIGN: Final = 16


class Arena:
    """A range of addresses, cut into slots of one size; each run begins with the first."""

    def __init__(self, page_size: int, /) -> None:
        pages = -(-page_size // mmap.PAGESIZE)
        self._room = pages * mmap.PAGESIZE
        self._slot = self._room + mmap.PAGESIZE
        base = _libc.mmap(None, self._slot * SLOTS, _NONE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
        if base is None or base == ctypes.c_void_p(-1).value:
            raise MemoryError("no room for the pages of a compiled port")
        self._base: int = base
        self._open: set[int] = set()

    def end(self, slot: int, /) -> int:
        """The address behind the last byte of a slot."""
        return self._base + slot * self._slot + self._room

    def open(self, slot: int, /) -> int:
        """Make a slot accessible; the address behind its last byte."""
        end = self.end(slot)
        if slot not in self._open:
            _libc.mprotect(end - self._room, self._room, _OPEN)
            self._open.add(slot)
        return end

    def close(self, slot: int, /) -> None:
        """Take the access away."""
        _libc.mprotect(self._base + slot * self._slot, self._room, _NONE)
        self._open.discard(slot)


#: One arena for each page size, for the life of the process.
_arenas: dict[int, Arena] = {}


def _arena(size: int) -> Arena:
    """The arena of pages of this size, in bytes."""
    return _arenas.get(size) or _arenas.setdefault(size, Arena(size))


def _start(end: int, size: int) -> int:
    """Where a page begins that ends, aligned, at the end of its slot."""
    return end - -(-size // ALIGN) * ALIGN


def place(size: int, number: int, /) -> int:
    """The address that a run's page of this number will have, if all its pages have `size` bytes."""
    return _start(_arena(size).end(number), size)


class NativeMemory:
    """The pages of one run."""

    def __init__(self) -> None:
        self._pages: dict[int, tuple[Arena, int, int]] = {}

    def allocate(self, size: int, fill: int, /) -> int:
        """The next page, at the end of its slot."""
        arena, slot = _arena(size), len(self._pages)
        address = _start(arena.open(slot), size)
        ctypes.memset(address, fill, size)
        self._pages[address] = arena, slot, size
        return address

    def release(self, address: int, /) -> None:
        """Every later access is a SIGSEGV."""
        arena, slot, _ = self._pages[address]
        arena.close(slot)

    def snapshot(self, address: int, /) -> bytes:
        """The bytes of a page as they are now."""
        return ctypes.string_at(address, self._pages[address][2])


class CGather:
    """A struct mmu_gather in C memory, as the port's own code lays it out."""

    def __init__(self, library: SharedPort, size: int, fill: int, /) -> None:
        self._library = library
        self._size = size
        self._room = library.guarded(size)
        self._kept = b""
        self.handle = self
        library.ffi.memmove(self._room, bytes([fill]) * size, size)
        self.address = library.ffi.cast("struct mmu_gather *", self._room)
        library.remember(self.address, self)

    @property
    def mm(self) -> mm_struct:
        """The mm that the gather is of: its first member."""
        return self._library.mm_at(self._library.ffi.cast("struct mm_struct **", self._room)[0])

    def __getattr__(self, member: str, /) -> int:
        """What an arch's flush may look at besides."""
        return self._library.range_of(self.address, member)

    def __setattr__(self, member: str, value: object, /) -> None:
        """What an arch may note is the struct's, and not this object's."""
        if member in (*c_header.RANGE, *c_header.UNSHARED):
            assert isinstance(value, int), "members of a range are numbers"
            self._library.note_range(self.address, member, value)
        else:
            super().__setattr__(member, value)

    def _content(self) -> bytes:
        return bytes(self._library.ffi.buffer(self._room, self._size))

    def hide(self) -> None:
        """Put garbage in its place."""
        self._kept = self._content()
        self._library.ffi.memmove(self._room, b"\xa5" * self._size, self._size)

    def show(self) -> bool:
        """Bring it back; True if somebody wrote to it meanwhile."""
        touched = self._content() != b"\xa5" * self._size
        self._library.ffi.memmove(self._room, self._kept, self._size)
        return touched

    def owns(self, thing: object, /) -> bool:
        """Whether `thing` is this gather."""
        return thing is self
