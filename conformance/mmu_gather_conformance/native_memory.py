# SPDX-License-Identifier: GPL-2.0-only
"""Kernel pages and gathers in real memory, for ports that are compiled.

Each page ends where its mapping ends, and behind it lies a page without access: one store too many is a
SIGSEGV and not a silent overwrite.  A page that was given back loses its access, too.  Pages are handed out in the
same order in every run, so that equal runs have equal addresses.

Whose memory it is a `Space` says: that of this process, or of another one with words of another width.
"""

from __future__ import annotations

import ctypes
import mmap
from abc import ABC, abstractmethod
from typing import Final

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


class Space(ABC):
    """The addresses that a compiled port can reach."""

    def __init__(self) -> None:
        #: one arena for each page size, for the life of the process
        self._arenas: dict[int, Arena] = {}

    @abstractmethod
    def reserve(self, size: int, /) -> int:
        """That many bytes that nobody else is given, without any access; where they begin."""

    @abstractmethod
    def protect(self, address: int, size: int, rights: int, /) -> None:
        """Give or take access, as mprotect() does."""

    @abstractmethod
    def write(self, address: int, content: bytes, /) -> None:
        """Put bytes there."""

    @abstractmethod
    def read(self, address: int, size: int, /) -> bytes:
        """The bytes there as they are now."""

    def arena(self, size: int, /) -> Arena:
        """The arena of pages of this size, in bytes."""
        return self._arenas.get(size) or self._arenas.setdefault(size, Arena(self, size))

    def place(self, size: int, number: int, /) -> int:
        """The address that a run's page of this number will have, if all its pages have `size` bytes."""
        return _start(self.arena(size).end(number), size)


class ThisProcess(Space):
    """The memory of a library that was loaded into this process."""

    def reserve(self, size: int, /) -> int:
        """Addresses from the kernel."""
        base = _libc.mmap(None, size, _NONE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, -1, 0)
        if base is None or base == ctypes.c_void_p(-1).value:
            raise MemoryError("no room for the pages of a compiled port")
        return int(base)

    def protect(self, address: int, size: int, rights: int, /) -> None:
        """mprotect()."""
        _libc.mprotect(address, size, rights)

    def write(self, address: int, content: bytes, /) -> None:
        """memmove()."""
        ctypes.memmove(address, content, len(content))

    def read(self, address: int, size: int, /) -> bytes:
        """A copy."""
        return ctypes.string_at(address, size)


#: There is only one.
THIS_PROCESS: Final = ThisProcess()


class Arena:
    """A range of addresses, cut into slots of one size; each run begins with the first."""

    def __init__(self, space: Space, page_size: int, /) -> None:
        pages = -(-page_size // mmap.PAGESIZE)
        self._space = space
        self._room = pages * mmap.PAGESIZE
        self._slot = self._room + mmap.PAGESIZE
        self._base = space.reserve(self._slot * SLOTS)
        self._open: set[int] = set()

    def end(self, slot: int, /) -> int:
        """The address behind the last byte of a slot."""
        return self._base + slot * self._slot + self._room

    def open(self, slot: int, /) -> int:
        """Make a slot accessible; the address behind its last byte."""
        end = self.end(slot)
        if slot not in self._open:
            self._space.protect(end - self._room, self._room, _OPEN)
            self._open.add(slot)
        return end

    def close(self, slot: int, /) -> None:
        """Take the access away."""
        self._space.protect(self._base + slot * self._slot, self._room, _NONE)
        self._open.discard(slot)


def _start(end: int, size: int) -> int:
    """Where a page begins that ends, aligned, at the end of its slot."""
    return end - -(-size // ALIGN) * ALIGN


class NativeMemory:
    """The pages of one run."""

    def __init__(self, space: Space, /) -> None:
        self._space = space
        self._pages: dict[int, tuple[Arena, int, int]] = {}

    def allocate(self, size: int, fill: int, /) -> int:
        """The next page, at the end of its slot."""
        arena, slot = self._space.arena(size), len(self._pages)
        address = _start(arena.open(slot), size)
        self._space.write(address, bytes([fill]) * size)
        self._pages[address] = arena, slot, size
        return address

    def release(self, address: int, /) -> None:
        """Every later access is a SIGSEGV."""
        arena, slot, _ = self._pages[address]
        arena.close(slot)

    def snapshot(self, address: int, /) -> bytes:
        """The bytes of a page as they are now."""
        return self._space.read(address, self._pages[address][2])
