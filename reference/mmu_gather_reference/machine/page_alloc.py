# SPDX-License-Identifier: GPL-2.0-only
"""The page allocator: every page it hands out stays its own, and it remembers all of them.

A page comes filled with a poison pattern, since real ones come with arbitrary content.  From
the moment its rcu_head is submitted until its callback runs, a page belongs to RCU, and a
snapshot tells whether anybody wrote to it.  A page that was given back is never handed out
again in one run, so that any later access can be told.

Where the bytes live is a separate matter: in Python objects here (`PythonMemory`), in real
memory for a port that is a shared library.
"""

from __future__ import annotations

from typing import Final, Protocol

#: Addresses of pages are multiples of this, larger than any page (256 KiB).
STRIDE: Final = 0x100000
FIRST: Final = 0x40000000


class Memory(Protocol):
    """Where pages live."""

    def allocate(self, size: int, fill: int, /) -> int:
        """A new page of `size` bytes, each of them `fill`; its address."""
        ...

    def release(self, address: int, /) -> None:
        """The page was given back: from now on every access to it must show."""

    def snapshot(self, address: int, /) -> bytes:
        """The bytes of a page as they are now."""
        ...


class PythonMemory:
    """Pages as byte arrays at made-up addresses."""

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}

    def allocate(self, size: int, fill: int, /) -> int:
        """A new page; addresses grow, and none is used twice."""
        address = FIRST + STRIDE * len(self._pages)
        self._pages[address] = bytearray([fill]) * size
        return address

    def release(self, address: int, /) -> None:
        """Keep the bytes; the allocator knows that the page is not in use."""

    def snapshot(self, address: int, /) -> bytes:
        """A copy of a page."""
        return bytes(self._pages[address])

    def page(self, address: int, /) -> tuple[int, bytearray] | None:
        """The page that `address` is in or beyond, if there is one."""
        start = address - address % STRIDE
        found = self._pages.get(start)
        return None if found is None else (start, found)


class PageAllocator:
    """Pages handed out, given back, and lent to RCU."""

    def __init__(self, page_size: int, fill: int, memory: Memory, /) -> None:
        self.page_size = page_size
        self.fill = fill
        self.memory = memory
        #: pages in use; a page of RCU's is in use
        self.in_use: set[int] = set()
        #: every page that was ever handed out
        self.handed_out: set[int] = set()
        #: pages that belong to RCU, with their content at call_rcu
        self.submitted: dict[int, bytes] = {}

    def allocate(self) -> int:
        """Hand out one page; its address."""
        address = self.memory.allocate(self.page_size, self.fill)
        self.in_use.add(address)
        self.handed_out.add(address)
        return address

    def free(self, address: int, /) -> bool:
        """Take one page back; False if it is not in use."""
        if address not in self.in_use:
            return False
        self.in_use.discard(address)
        self.submitted.pop(address, None)
        self.memory.release(address)
        return True

    def holder(self, address: int, /) -> int | None:
        """The page in use that contains `address`."""
        for start in self.in_use:
            if start <= address < start + self.page_size:
                return start
        return None

    def submit(self, page: int, /) -> None:
        """The page belongs to RCU from now on."""
        self.submitted[page] = self.memory.snapshot(page)

    def recall(self, page: int, /) -> None:
        """The callback runs: the page is its own to read and to free."""
        self.submitted.pop(page, None)

    def written_to(self) -> int | None:
        """A page of RCU's that somebody wrote to since, if there is one; told once."""
        for page, before in self.submitted.items():
            if self.memory.snapshot(page) != before:
                self.submitted[page] = self.memory.snapshot(page)
                return page
        return None
