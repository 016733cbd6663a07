# SPDX-License-Identifier: GPL-2.0-only
"""The progress line: only on a terminal, only for a long search, and gone at the end."""

from __future__ import annotations

import io
import re

import pytest
from mmu_gather_conformance import progress
from mmu_gather_conformance.progress import WIPE, Progress, line, megabytes


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_the_line_says_states_waiting_rate_and_memory() -> None:
    """In words, with the figures grouped."""
    said = line("P5_8/hash32", 20000, 1234, 2.0, megabytes())
    assert re.fullmatch(
        r"P5_8/hash32: 20,000 states, 1,234 waiting, 10,000 a second, [\d,]+ MB, \d+ bytes a state", said
    )


def test_a_long_search_is_told_on_a_terminal_and_wiped_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last thing that is written leaves the line empty."""
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    stream = Terminal()
    with Progress("a search", stream) as tell:
        tell(1, 1)
    written = stream.getvalue()
    assert written.startswith(WIPE + "a search: 1 states")
    assert written.endswith(WIPE)


def test_a_short_search_writes_nothing() -> None:
    """Nobody has waited yet."""
    stream = Terminal()
    with Progress("a search", stream) as tell:
        tell(1, 1)
    assert stream.getvalue() == ""


def test_what_is_no_terminal_is_not_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log holds reports and no progress."""
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    stream = io.StringIO()
    with Progress("a search", stream) as tell:
        tell(1, 1)
    assert stream.getvalue() == ""
