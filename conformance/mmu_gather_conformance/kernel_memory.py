# SPDX-License-Identifier: GPL-2.0-only
"""The scripted kernel's memory: what a port is given, what it gives back, and what it reads and writes of it.

An allocation is answered from the script.  An access that goes astray is written down where it does; it neither ends
the run nor reaches anything.  A port in C has memory of its own, and comes here only to be given it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from mmu_gather_reference.machine.page_alloc import Memory, PageAllocator, PythonMemory
from mmu_gather_spec import events as ev
from mmu_gather_spec.rules.reading import GIVERS
from mmu_gather_spec.words import kaddr, page_p, table_p

from mmu_gather_conformance.script import Script

if TYPE_CHECKING:
    from mmu_gather_conformance.scenario import Answers

#: A port that goes astray more often in one run does so in a loop.
FAULT_BOUND: Final = 100


class TooManyEffects(BaseException):
    """The port made more effects than any scenario needs: it is in a loop."""


class KernelMemory(ABC):
    """The part of a kernel that hands memory out."""

    answers: Answers
    script: Script
    agent: str
    trace: list[ev.AnyEvent]

    def __init__(self, page_size: int, fill: int, memory: Memory | None, /) -> None:
        self.page_size = page_size
        self.memory = memory or PythonMemory()
        self.pages = PageAllocator(page_size, fill, self.memory)
        #: what was given in more than one page, by its first
        self._orders: dict[int, int] = {}
        #: accesses that went astray
        self._faults = 0

    @abstractmethod
    def emit(self, kind: Callable[..., ev.AnyEvent], *args: object) -> None:
        """Write an event down."""

    @abstractmethod
    def boundary(self) -> None:
        """Another may act now."""

    def get_free_pages(self, gfp_mask: int, order: int, /) -> kaddr | None:
        """Answer an allocation from the script."""
        self.boundary()
        answers = self.answers
        domain = answers.slots if answers.slots and not self._giving() else answers.alloc
        page = self.pages.allocate() if self.script.choose("__get_free_page", domain) else None
        if page is not None and order:
            self._orders[page] = order
        self.emit(ev.GetFreePage, page, gfp_mask)
        return None if page is None else kaddr(page)

    def _giving(self) -> bool:
        """Whether the allocation is for a batch: the running agent is inside a call that gives a table."""
        depth = 0
        for event in reversed(self.trace):
            if isinstance(event, ev.Enter | ev.Leave) and event.fn in GIVERS and event.agent == self.agent:
                depth += 1 if isinstance(event, ev.Enter) else -1
                if depth > 0:
                    return True
        return False

    def free_pages(self, addr: int, order: int, /) -> None:
        """Take back kernel memory, or a PTE table."""
        self.boundary()
        had = 1 << self._orders.pop(addr, 0)
        self.pages.free(addr)
        self.emit(ev.FreePage, addr)
        for page in range(had, 1 << order):  # these are somebody else's
            self.emit(ev.FreePage, addr + page * self.page_size)
        for page in range(1 << order, had):  # and these nobody gives back any more
            self.pages.in_use.add(addr + page * self.page_size)

    def kmem_cache_free(self, index: int, obj: int, /) -> None:
        """Take back a table."""
        self.boundary()
        self.emit(ev.KmemCacheFree, index, obj)

    def free_pages_and_swap_cache(self, pages: Sequence[page_p], /) -> None:
        """Let go of user pages."""
        self.boundary()
        self.emit(ev.FreePages, tuple(page.value for page in pages))

    def page_address(self, page: page_p, /) -> table_p:
        """Pages and their memory go by the same number here."""
        return table_p(page.value)

    def pgtable_page_dtor(self, page: page_p, /) -> None:
        """The lock of a PTE page is gone."""
        self.boundary()
        self.emit(ev.Dtor, page.value)

    def load(self, address: int, size: int, /) -> int:
        """Read a Python port's kernel memory."""
        page = self._page(address, size)
        if page is None:
            return int.from_bytes(b"\xa5" * size, "big")
        return int.from_bytes(page[1][address - page[0] : address - page[0] + size], "big")

    def store(self, address: int, size: int, value: int, /) -> None:
        """Write a Python port's kernel memory; a value that is too wide loses its upper bits, as in C."""
        page = self._page(address, size)
        if page is not None:
            narrow = value & ((1 << 8 * size) - 1)
            page[1][address - page[0] : address - page[0] + size] = narrow.to_bytes(size, "big")

    def _page(self, address: int, size: int) -> tuple[int, bytearray] | None:
        """The page that an access goes to; a fault is written down where it goes astray."""
        assert isinstance(self.memory, PythonMemory), "only Python ports read memory through the kernel"
        found = self.memory.page(address)
        if found is None or address + size > found[0] + self.page_size:
            self.emit(ev.Fault, ev.FaultKind.OUT_OF_PAGE, address)
            self._faults += 1
            if self._faults > FAULT_BOUND:
                raise TooManyEffects
            return None
        if found[0] not in self.pages.in_use:
            self.emit(ev.Fault, ev.FaultKind.AFTER_FREE, address)
            return None
        return found
