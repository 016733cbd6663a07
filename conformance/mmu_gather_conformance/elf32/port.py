# SPDX-License-Identifier: GPL-2.0-only
"""A port in C with words of 32 bits: the same port as any other in C, in another process.

Its image is laid out in the shared memory, then what is made once for it, then what is made for a run.  A process that
has died is made anew before the next run, with everything at the same addresses, so that functions that were looked up
before stay what they were.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from mmu_gather_spec.arch import ARCHS

from mmu_gather_conformance import c_header, c_tables
from mmu_gather_conformance.c_mirrors import CData
from mmu_gather_conformance.c_port import CPort, check_table, era_said
from mmu_gather_conformance.elf32 import building
from mmu_gather_conformance.elf32.elf import Elf32
from mmu_gather_conformance.elf32.process import PAGE, Process
from mmu_gather_conformance.elf32.structs import WORD, Header, Struct, number_of, word_of
from mmu_gather_conformance.image import Died, ProtocolError
from mmu_gather_conformance.native_memory import ALIGN

#: Room for what both sides know of a run and of the library, in bytes.
ROOM: Final = 1 << 20


class Elf32Port(CPort):
    """A library that was laid out in a process of its own.

    Errors: ProtocolError, in one line, for whatever is not a port.
    """

    bits_per_long = 32

    def __init__(self, library: Elf32, host: Path, era: str, /) -> None:
        self._library, self._host = library, host
        self._header = Header(c_header.declarations(era))
        self._services: list[Callable[[int], int]] = []
        self._process = Process(host)
        super().__init__(self._process, era)
        self._load()

    def _load(self) -> None:
        """Lay everything out in a new process, and let the library know its kernel."""
        process, library = self._process, self._library
        base = process.reserve(library.size)
        process.write(base, library.laid_out(base, process.names))
        for segment in library.segments:
            start = (base + segment.address) // PAGE * PAGE
            process.protect(start, base + segment.address + segment.size - start, segment.rights)
        self._next = self._first = process.reserve(ROOM)
        self._end = self._first + ROOM
        process.protect(self._first, ROOM, 3)
        process.serve = self._serve
        self.ops = self._table(base)
        self.env = self.new("struct mmu_gather_env")
        self.range = self.new("struct mmu_gather_range") if c_tables.is_ranged(self.era) else None
        self._names = {name: self._chars(name) for name in ARCHS}
        self._result = self._take(WORD.size)
        self._services.clear()
        self.fill_environment(self.env.layout.size)
        self.enter(self.ops.bind, self.env)
        self._first = self._next
        if self._machine is not None:
            self._run_on(self._machine)

    def _table(self, base: int) -> Struct:
        """What the library provides."""
        path, layout = self._library.path, self._header.layout("struct mmu_gather_ops")
        get_ops = self._library.addresses().get("mmu_gather_get_ops")
        if get_ops is None:
            raise ProtocolError(f"{path} has no symbol mmu_gather_get_ops")
        address = self.enter(base + get_ops, c_header.ABI)
        ops = Struct(self._process, layout, address)
        check_table(str(path), ops if address else None, layout.size)
        return ops

    def forget(self) -> None:
        """The run before is gone, and if the process went with it there is another one."""
        if not self._process.alive:
            self.space = self._process = Process(self._host)
            self._arenas.clear()
            self._load()
        super().forget()
        self._next = self._first

    # --- how C is reached -------------------------------------------------------------

    def number(self, pointer: CData, /) -> int:
        """A pointer is a number, or a struct that knows its own."""
        return word_of(pointer)

    def pointer(self, number: int, /) -> CData:
        """The number."""
        return number

    def _take(self, size: int) -> int:
        start = self._next
        self._next += -(-size // ALIGN) * ALIGN
        if self._next > self._end:
            raise MemoryError("no room for what both sides know of a run")
        return start

    def new(self, kind: str, /) -> Struct:
        """In the room for such things."""
        layout = self._header.layout(kind)
        address = self._take(layout.size)
        self.space.write(address, bytes(layout.size))
        return Struct(self.space, layout, address)

    def _chars(self, text: str) -> int:
        content = text.encode() + b"\0"
        address = self._take(len(content))
        self.space.write(address, content)
        return address

    def chars(self, text: str, /) -> int:
        """One of those that were written when it was loaded."""
        return self._names[text]

    def text(self, pointer: CData, /) -> str:
        """Up to its NUL."""
        return self._process.string(pointer)

    def enter(self, entry: CData, /, *arguments: CData) -> int:
        """A call into the other process."""
        return self._process.call(entry, *map(word_of, arguments))

    def place(self, result: str, /) -> tuple[CData, Callable[[], int]]:
        """One for all: a result is read before anything else is called."""
        kind = self._header.type(result)
        return self._result, lambda: number_of(kind, self.words(self._result, 1)[0])

    def callback(self, name: str, function: Callable[..., Any], /) -> CData:
        """The entry of a service; its arguments lie on the stack, one word each."""
        kinds = self._header.arguments(name)

        def called(arguments: int) -> int:
            words = self.words(arguments, len(kinds))
            return word_of(function(*(number_of(kind, word) for kind, word in zip(kinds, words, strict=True))))

        self._services.append(called)
        return self._process.entry(len(self._services) - 1)

    def _serve(self, number: int, arguments: int) -> int:
        if number >= len(self._services):
            raise self._process.nonsense(f"there is no service {number}")
        return self._services[number](arguments)


def load(path: str, /) -> Elf32Port:
    """Load a library for words of 32 bits, by the header of the era that it was compiled with.

    Errors: ProtocolError, in one line, for whatever is not a port; and where the compiler makes no program for it.
    """
    library = Elf32(Path(path))
    try:
        return Elf32Port(library, building.host(), era_said(path, library.text("mmu_gather_era")))
    except Died as error:
        raise ProtocolError(f"{path}: its process was gone before it was loaded: {error}") from error
