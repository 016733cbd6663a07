# SPDX-License-Identifier: GPL-2.0-only
"""A trace of three CPUs, written by hand: what lanes, drawings and steps are tested on.

One table goes through a batch and a grace period; the other is freed after an IPI, which waits for a walker that
has IRQs off.  At the end a walker reads the first one: it is the offending step.

And the modules beside this file that are no tests are made importable by those of this room; and type checkers get
a cache.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from mmu_gather_spec import events as ev

sys.path.insert(0, str(Path(__file__).parent))

BATCHED, ALONE, PAGE = 0xC000000010000000, 0xC000000010001000, 0x40000000


@pytest.fixture(scope="session")
def three_cpus() -> ev.Trace:
    """The trace; its last event offends."""
    return (
        ev.Booted(0, "a", "hash64", "rfc-2010", True, 64, 4096, True, False, 3, 15, frozenset({"x", "y", "z"}), 0),
        ev.WalkBegin(1, "gup_fast", False),
        ev.WalkEntry(1, "gup_fast", ALONE, True),
        ev.Unlink(0, "a", BATCHED, 7),
        ev.Enter(0, "a", "tlb_remove_table", ("tlb", BATCHED | 7)),
        ev.AtomicRead(0, "a", "mm_users", 2),
        ev.GetFreePage(0, "a", PAGE, 0x20),
        ev.Leave(0, "a", "tlb_remove_table"),
        ev.Enter(0, "a", "tlb_flush_mmu", ("tlb", 0, 0)),
        ev.CallRcu(0, "a", PAGE, "sched", (BATCHED | 7,)),
        ev.Leave(0, "a", "tlb_flush_mmu"),
        ev.Unlink(0, "a", ALONE, 7),
        ev.Enter(0, "a", "tlb_remove_table", ("tlb", ALONE | 7)),
        ev.AtomicRead(0, "a", "mm_users", 2),
        ev.GetFreePage(0, "a", None, 0x20),
        ev.SmpCallFunction(0, "a", frozenset({1, 2}), frozenset({0, 1, 2}), True, True),
        ev.IpiAck(2, "ipi"),
        ev.WalkLoad(1, "gup_fast", ALONE, True),
        ev.WalkEnd(1, "gup_fast"),
        ev.IpiAck(1, "ipi"),
        ev.Enter(0, "a", "__tlb_remove_table", (ALONE | 7,)),
        ev.KmemCacheFree(0, "a", 7, ALONE),
        ev.Leave(0, "a", "__tlb_remove_table"),
        ev.Leave(0, "a", "tlb_remove_table"),
        ev.GracePeriod(2, "softirq", PAGE, "sched"),
        ev.CallbackBegin(2, "softirq", PAGE),
        ev.Enter(2, "softirq", "__tlb_remove_table", (BATCHED | 7,)),
        ev.KmemCacheFree(2, "softirq", 7, BATCHED),
        ev.Leave(2, "softirq", "__tlb_remove_table"),
        ev.FreePage(2, "softirq", PAGE),
        ev.CallbackEnd(2, "softirq", PAGE),
        ev.WalkBegin(1, "use_mm", False),
        ev.WalkLoad(1, "use_mm", BATCHED, False),
    )


@pytest.fixture(scope="session")
def types_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache for type checkers that is nobody's: what a user's holds decides nothing here."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder
