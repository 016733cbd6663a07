# SPDX-License-Identifier: GPL-2.0-only
"""A struct mmu_gather in C memory, as the port's own code lays it out: by its size and its first member."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmu_gather_spec.words import mm_struct

from mmu_gather_conformance import c_tables

if TYPE_CHECKING:
    from mmu_gather_conformance.c_mirrors import CMirrors


class CGather:
    """One gather on the suite's stack."""

    def __init__(self, port: CMirrors, size: int, fill: int, /) -> None:
        self._port = port
        self._space = port.space
        self._size = size
        self._at = port.guarded(size)
        self._kept = b""
        self.handle = self
        self._space.write(self._at, bytes([fill]) * size)
        self.address = port.pointer(self._at)
        port.remember(self._at, self)

    @property
    def mm(self) -> mm_struct:
        """The mm that the gather is of: its first member."""
        return self._port.mm_at(self._port.words(self._at, 1)[0])

    def __getattr__(self, member: str, /) -> int:
        """What an arch's flush may look at besides."""
        return self._port.range_of(self.address, member)

    def __setattr__(self, member: str, value: object, /) -> None:
        """What an arch may note is the struct's, and not this object's."""
        if member in (*c_tables.RANGE, *c_tables.UNSHARED):
            assert isinstance(value, int), "members of a range are numbers"
            self._port.note_range(self.address, member, value)
        else:
            super().__setattr__(member, value)

    def hide(self) -> None:
        """Put garbage in its place."""
        self._kept = self._space.read(self._at, self._size)
        self._space.write(self._at, b"\xa5" * self._size)

    def show(self) -> bool:
        """Bring it back; True if somebody wrote to it meanwhile."""
        touched = self._space.read(self._at, self._size) != b"\xa5" * self._size
        self._space.write(self._at, self._kept)
        return touched

    def owns(self, thing: object, /) -> bool:
        """Whether `thing` is this gather."""
        return thing is self
