# SPDX-License-Identifier: GPL-2.0-only
"""What both sides know, as C has it: an mm by its address, a PTE and a mapping for a call, a gather and its range.

A gather ends where its mapping ends, so that a port that writes past it is a SIGSEGV and no quiet luck.  How C is
reached is not known here: that is the subclass's, and a pointer or a struct is whatever it makes of one.
"""

from __future__ import annotations

import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any

from mmu_gather_spec.words import (
    Word,
    atomic_t,
    mm_struct,
    page_p,
    pgf_p,
    pgtable_t,
    ptdesc_p,
    pte_t,
    table_p,
    vm_area_struct,
)

from mmu_gather_conformance import c_header, c_tables
from mmu_gather_conformance.c_gather import CGather
from mmu_gather_conformance.native_memory import Arena, Space

#: Pointers and structs of C have no types of their own.
CData = Any


class CMirrors(ABC):
    """The mirrors of one library."""

    #: what the library provides: a struct of the header, whose members can be read and set
    ops: CData
    #: what a gather keeps of its range; None before gathers kept one
    range: CData
    #: the era whose header the library was compiled with
    era: str
    bits_per_long: int

    def __init__(self, space: Space, /) -> None:
        #: the addresses that it can reach
        self.space = space
        self._mms: dict[int, mm_struct] = {}
        self._mm_mirrors: dict[int, CData] = {}
        self._ptes: dict[int, tuple[pte_t, CData]] = {}
        self._gathers: dict[int, object] = {}
        #: what a gather of a generic half in Python looks like from C, by the object's id
        self._holders: dict[int, tuple[object, int]] = {}
        self._arenas: dict[int, Arena] = {}

    # --- how C is reached -------------------------------------------------------------

    @abstractmethod
    def number(self, pointer: CData, /) -> int:
        """A pointer as the word that it is."""

    @abstractmethod
    def pointer(self, number: int, /) -> CData:
        """A word as the pointer that it is."""

    @abstractmethod
    def new(self, kind: str, /) -> CData:
        """A struct of the header, all zeroes; if it is made for a run, until the next one begins."""

    @abstractmethod
    def chars(self, text: str, /) -> CData:
        """A string for as long as the library is loaded."""

    @abstractmethod
    def text(self, pointer: CData, /) -> str:
        """The string behind a pointer."""

    @abstractmethod
    def enter(self, entry: CData, /, *arguments: CData) -> int:
        """Call a function; what it returns, 0 if nothing."""

    @abstractmethod
    def place(self, result: str, /) -> tuple[CData, Callable[[], int]]:
        """A place for a result of this type, and how to read it."""

    @abstractmethod
    def callback(self, name: str, function: Callable[..., Any], /) -> CData:
        """What the environment holds under a name, so that calling it calls the function."""

    def words(self, pointer: CData, count: int, /) -> list[int]:
        """So many words behind a pointer; none where the count is not one."""
        count = max(count, 0)
        size = self.bits_per_long // 8
        return list(struct.unpack(self._format(count), self.space.read(self.number(pointer), count * size)))

    def put_words(self, pointer: CData, words: Iterable[int], /) -> None:
        """Write words to where a pointer leads."""
        every = tuple(words)
        self.space.write(self.number(pointer), struct.pack(self._format(len(every)), *every))

    def _format(self, count: int) -> str:
        return f"={count}{'Q' if self.bits_per_long == 64 else 'I'}"

    # --- mirrors ----------------------------------------------------------------------

    def forget(self) -> None:
        """What was mirrored for the run before is gone."""
        for mirrored in (self._mms, self._mm_mirrors, self._ptes, self._gathers, self._holders):
            mirrored.clear()

    def guarded(self, size: int, /) -> int:
        """Room for one more gather of this run, with nothing behind it.

        A size is a multiple of its struct's alignment, so what ends with a mapping is aligned.
        """
        arena = self._arenas.get(size) or self._arenas.setdefault(size, Arena(self.space, size))
        return arena.open(len(self._gathers)) - size

    def to_c(self, argument: object) -> CData:
        """An argument as C has it."""
        if isinstance(argument, CGather):
            return argument.address
        if isinstance(argument, (page_p, table_p, pgf_p, pgtable_t, ptdesc_p)):
            return self.pointer(argument.value)
        if isinstance(argument, Word):
            return argument.value
        if isinstance(argument, mm_struct):
            return self.mm_mirror(argument)
        if isinstance(argument, pte_t):
            return self._pte_mirror(argument)
        if isinstance(argument, vm_area_struct):
            return self._vma_mirror(argument)
        return argument if isinstance(argument, int) else self._foreign_gather(argument)

    def mm_mirror(self, mm: mm_struct) -> CData:
        """An mm as C has it, by an address that stays for the run."""
        mirror = self._mm_mirrors.get(id(mm))
        if mirror is None:
            mirror = self._mm_mirrors[id(mm)] = self.new("struct mm_struct")
            mirror.context_id = mm.context_id
            self._mms[self.number(mirror)] = mm
        return mirror

    def mm_at(self, address: CData) -> mm_struct:
        """The mm behind a pointer.  Errors: AttributeError for a pointer that leads to none."""
        found = self._mms.get(self.number(address))
        if found is None:
            raise AttributeError("a pointer that leads to no mm")
        return found

    def _pte_mirror(self, pte: pte_t) -> CData:
        mirror = self.new("pte_t")
        mirror.flags = pte.flags
        self._ptes[self.number(mirror)] = pte, mirror
        return mirror

    def _vma_mirror(self, vma: vm_area_struct) -> CData:
        """A mapping, for the length of a call."""
        mirror = self.new("struct vm_area_struct")
        mirror.vm_mm = self.mm_mirror(vma.vm_mm)
        mirror.vm_flags = sum(bit for name, bit in c_header.VM_FLAGS.items() if getattr(vma, name))
        return mirror

    def range_of(self, address: CData, member: str) -> int:
        """What a gather in C says of its range.

        Errors: AttributeError for a member that no arch may look at, or that the port does not tell.
        """
        if self.range is None or member not in c_tables.range_members(self.era) or not self.ops.range:
            raise AttributeError(member)
        self.enter(self.ops.range, address, self.range)
        return int(getattr(self.range, member))

    def note_range(self, address: CData, member: str, value: int) -> None:
        """Change what a gather in C says of its range, as an arch does in its own pte_free_tlb().

        Errors: as `range_of`.
        """
        self.range_of(address, member)
        setattr(self.range, member, value)
        self.enter(self.ops.set_range, address, self.range)

    def remember(self, address: int, gather: object) -> None:
        """The suite's object for a struct mmu_gather pointer."""
        self._gathers[address] = gather

    def _foreign_gather(self, gather: object) -> CData:
        """A gather of a generic half in Python, for an arch half in C: it has an mm first, and no more."""
        _, holder = self._holders.get(id(gather), (None, 0))
        if not holder:
            holder = self.guarded(self.bits_per_long // 8)
            self._holders[id(gather)] = gather, holder
            self.remember(holder, gather)
        mm = getattr(gather, "mm", None)
        self.put_words(holder, [self.number(self.mm_mirror(mm)) if isinstance(mm, mm_struct) else 0])
        return self.pointer(holder)

    def gather_at(self, address: CData) -> object:
        """The suite's object behind a struct mmu_gather pointer."""
        known = self._gathers.get(self.number(address))
        if known is None:
            raise AttributeError("a pointer that leads to no gather")
        return known

    def counter(self, address: CData) -> atomic_t:
        """The counter behind a pointer: which of an mm's it is."""
        number = self.number(address)
        for start, mm in self._mms.items():
            if start <= number < start + 8:
                return mm.mm_users if number == start else mm.mm_count
        raise AttributeError("a pointer that leads to no counter")

    def pte_at(self, address: CData) -> pte_t:
        """The entry behind a pointer."""
        return self._ptes[self.number(address)][0]

    def show_pte(self, address: CData) -> None:
        """Let C see what became of an entry."""
        pte, mirror = self._ptes[self.number(address)]
        mirror.flags = pte.flags
