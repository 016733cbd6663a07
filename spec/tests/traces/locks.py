# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The locks of PTE pages: a walker takes one that is there, or one that is gone."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.events import Dtor, WalkLock

from traces.alphabet import Case, T, U, begin, end

LOCK: Final = "walk.never-a-lock-that-is-gone"
TAKES: Final = WalkLock(1, "pte_offset_map_lock", T)

CASES: Final = (
    Case(LOCK, "the lock is there still", (begin(), TAKES, end(), Dtor(0, "a", T))),
    Case(LOCK, "another table has lost its lock", (Dtor(0, "a", U), begin(), TAKES, end())),
    Case(
        LOCK,
        "it was taken down before",
        (Dtor(0, "a", T), begin(), TAKES),
        "a walker takes the lock of a table that has lost it",
        "S11",
    ),
)
