# SPDX-License-Identifier: GPL-2.0-only
"""A process whose words have 32 bits, and the memory that it shares with this one.

It has no will of its own: it is told over a pipe what to call, asks over another for each service, and can be called
again before it has its answer.  All that a port can reach is in the shared memory, at the same addresses in every run:
its image, the stack, and what the suite hands it.  So an argument is read where it lies, and nothing has to be
packed.  Rights are the other side's alone, and this one sees every byte.

What it means is not known here: numbers of services, addresses, words.
"""

from __future__ import annotations

import mmap
import os
import signal
import struct
import subprocess
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Final

from mmu_gather_conformance.elf32.elf import Elf32
from mmu_gather_conformance.image import Died, ProtocolError
from mmu_gather_conformance.native_memory import Space

#: Where the shared memory is in the other process: above what are users' pages here, and below where tables are.
BASE: Final = 0x40000000
#: How much of it there can be; what nobody touches costs nothing.
SIZE: Final = 0x40000000
STACK: Final = 1 << 20
PAGE: Final = mmap.PAGESIZE

#: Kinds of messages, as in host.c: to the process ...
_MAP, _PROTECT, _CALL, _ANSWER = range(4)
#: ... and from it.
_RETURNED, _SERVICE = range(2)
ARGUMENTS: Final = 8
_SAID: Final = struct.Struct(f"<{2 + ARGUMENTS}I")
_HEARD: Final = struct.Struct("<3I")
#: Bytes from one entry of a service to the next.
_ENTRY: Final = 8


class Process(Space):
    """One such process.  It ends with this object, or with the process that it is in."""

    def __init__(self, program: Path, /) -> None:
        super().__init__()
        #: where the program has its functions
        self.names = Elf32(program).addresses()
        #: answers a service, by its number and by where its arguments lie
        self.serve: Callable[[int, int], int] = _no_service
        memory = os.memfd_create("mmu-gather")
        os.ftruncate(memory, SIZE)
        self._memory = mmap.mmap(memory, SIZE)
        self._process = _started(program, memory)
        assert self._process.stdin is not None, "a pipe"
        assert self._process.stdout is not None, "as above"
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        self._ended = weakref.finalize(self, _end, self._process, os.getpid())
        self._free = BASE + PAGE
        self._waiting = b""
        stack = self.reserve(STACK) + STACK
        self._say(_MAP, BASE, SIZE, memory, stack, os.getpid(), STACK)
        self._send()
        os.close(memory)  # the other process has inherited it

    # --- its memory -------------------------------------------------------------------

    def reserve(self, size: int, /) -> int:
        """The next addresses; there is a page without access behind them."""
        start = self._free
        self._free += -(-size // PAGE) * PAGE + PAGE
        if self._free > BASE + SIZE:
            raise MemoryError("no room for the pages of a compiled port")
        return start

    def protect(self, address: int, size: int, rights: int, /) -> None:
        """For the other process, before it goes on."""
        self._say(_PROTECT, address, size, rights)

    def write(self, address: int, content: bytes, /) -> None:
        """Whatever rights the other process has there."""
        self._memory[address - BASE : address - BASE + len(content)] = content

    def read(self, address: int, size: int, /) -> bytes:
        """As `write`.  Errors: Died for an address that is not in the shared memory."""
        start = address - BASE
        if size and not 0 <= start <= SIZE - size:
            raise self.nonsense(f"the address {address:#x}")
        return self._memory[start : start + size]

    def string(self, address: int, /) -> str:
        """Up to its NUL.  Errors: as `read`."""
        end = self._memory.find(b"\0", max(0, address - BASE))
        return self.read(address, max(0, end - (address - BASE))).decode(errors="replace")

    # --- what it does -----------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether it can be called."""
        return self._ended.alive

    def entry(self, number: int, /) -> int:
        """The address that a port calls for the service of this number."""
        address = self.names["services"] + number * _ENTRY
        assert address < self.names["services_end"], "there are as many entries as services"
        return address

    def call(self, function: int, /, *arguments: int) -> int:
        """Call a function of the process, and serve it until it returns.

        Errors: Died where it does not.
        """
        self._say(_CALL, function, *arguments)
        while True:
            kind, number, value = self._hear()
            if kind == _RETURNED:
                return value
            if kind != _SERVICE:
                raise self.nonsense(f"a message of kind {kind:#x}")
            self._say(_ANSWER, self.serve(number, value))

    def _say(self, kind: int, about: int, /, *words: int) -> None:
        """Keep a message until the process is listened to."""
        self._waiting += _SAID.pack(kind, about, *words, *(0,) * (ARGUMENTS - len(words)))

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, b""
        try:
            while waiting:
                waiting = waiting[os.write(self._to, waiting) :]
        except BrokenPipeError:
            raise self._died() from None

    def _hear(self) -> tuple[int, int, int]:
        """Send what waits, and take the next message."""
        if not self.alive:
            raise Died("its process is gone")
        self._send()
        message = b""
        while len(message) < _HEARD.size:
            part = os.read(self._from, _HEARD.size - len(message))
            if not part:
                raise self._died()
            message += part
        kind, number, value = _HEARD.unpack(message)
        return kind, number, value

    def _died(self) -> Died:
        """The process has closed its end: by what it died."""
        code = self._process.wait()
        self._ended()
        return Died(signal.Signals(-code).name if code < 0 else f"exit status {code}")

    def nonsense(self, what: str, /) -> Died:
        """What to raise where it says what no such process says; it is ended."""
        self._ended()
        return Died(f"its process talks nonsense: {what}")


def _started(program: Path, memory: int) -> subprocess.Popen[bytes]:
    """The process.  Errors: ProtocolError where the kernel of this machine runs no programs with such words."""
    try:
        return subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, pass_fds=(memory,))
    except OSError as error:
        os.close(memory)
        raise ProtocolError(f"this machine runs no program whose words have 32 bits: {error.strerror}") from error


def _no_service(number: int, arguments: int) -> int:
    raise AssertionError("nobody is there yet to ask for a service")


def _end(process: subprocess.Popen[bytes], owner: int) -> None:
    """Take it down, unless this is a copy of the process that it belongs to."""
    if os.getpid() != owner:
        return
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None, "there are both"
        pipe.close()
