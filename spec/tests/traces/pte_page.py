# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The lock of a PTE page goes once, and before the page."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.events import Dtor

from traces.alphabet import Case, T, U, enter, free, give

ONCE: Final = "order.destructor-before-free"


def dtor(table: int) -> Dtor:
    return Dtor(0, "a", table)


CASES: Final = (
    Case(ONCE, "the lock goes, then the page", (give(T), dtor(T), free(T))),
    Case(ONCE, "a page comes a second time, with a new lock", (give(T), dtor(T), free(T), give(T), dtor(T), free(T))),
    Case(ONCE, "a PMD table has no such lock", (enter("pmd_free_tlb", "tlb", T, 0), free(T))),
    Case(ONCE, "another page keeps its lock", (give(T), give(U), dtor(T), free(T))),
    Case(ONCE, "the page goes with its lock", (give(T), free(T)), "a PTE page is freed and its destructor has not run"),
    Case(
        ONCE,
        "the lock goes after the page",
        (enter("pmd_free_tlb", "tlb", T, 0), free(T), dtor(T)),
        "the destructor of a PTE page runs after the page was freed",
    ),
    Case(
        ONCE,
        "the lock goes twice",
        (give(T), dtor(T), dtor(T)),
        "the destructor of a PTE page runs twice, or on a page that was not given",
    ),
)
