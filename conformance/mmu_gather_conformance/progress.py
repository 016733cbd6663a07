# SPDX-License-Identifier: GPL-2.0-only
"""A line on the terminal while a search is long: how many states, how many wait, how fast, and how much memory.

It is written over itself on standard error, only where that is a terminal, and wiped away at the end; a report never
holds it.
"""

from __future__ import annotations

import resource
import sys
import time
from typing import Final, TextIO

#: A search that is over sooner than this is not worth a line, in seconds.
PATIENCE: Final = 1.0
#: What a terminal takes for "back to the beginning, and clear the line".
WIPE: Final = "\r\x1b[K"


class Progress:
    """Told now and then how far a search has come; use it with `with`."""

    def __init__(self, what: str, stream: TextIO | None = None, /) -> None:
        self.what = what
        self._stream = stream or sys.stderr
        self._began = time.monotonic()
        self._at_first = megabytes()
        self._written = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        if self._written:
            self._stream.write(WIPE)
            self._stream.flush()

    def __call__(self, states: int, waiting: int, /) -> None:
        """So many states so far, so many of them still to be looked at."""
        seconds = time.monotonic() - self._began
        if seconds < PATIENCE or not self._stream.isatty():
            return
        self._written = True
        self._stream.write(WIPE + line(self.what, states, waiting, seconds, self._at_first))
        self._stream.flush()


def line(what: str, states: int, waiting: int, seconds: float, at_first: float, /) -> str:
    """The line itself; at_first: the memory that was in use before the search, in MB."""
    rate = states / seconds if seconds else 0.0
    now = megabytes()
    each = (now - at_first) * 2**20 / states if states else 0.0
    memory = f"{now:,.0f} MB, {each:,.0f} bytes a state"
    return f"{what}: {states:,} states, {waiting:,} waiting, {rate:,.0f} a second, {memory}"


def megabytes() -> float:
    """The most memory that this process has had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
