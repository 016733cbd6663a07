# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The lock of a PTE page goes once, and before the page."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mmu_gather_spec.events import Dtor

from traces.alphabet import BOOT, Case, T, U, ack, enter, free, give, ipi, online, unlink, users

ONCE: Final = "order.destructor-before-free"
DESTROYED: Final = "separation.destructor-after-wait"

LATER: Final = replace(BOOT, era="v7.0")
DIRECT: Final = enter("pgtable_free_tlb", "tlb", T, 0)
PMD: Final = enter("pmd_free_tlb", "tlb", T, 0)


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
    Case(ONCE, "a table that is given directly may be a PTE page", (DIRECT, dtor(T), free(T), DIRECT, free(T))),
    Case(ONCE, "a word that its arch has made may be one", (enter("tlb_remove_table", "tlb", T), dtor(T), free(T))),
    Case(ONCE, "a PMD table may have a lock later", (PMD, enter("tlb_remove_table", "tlb", T), dtor(T)), boot=LATER),
    Case(
        ONCE,
        "a PMD table has none at the seed",
        (PMD, enter("tlb_remove_table", "tlb", T), dtor(T)),
        "the destructor of a PTE page runs twice, or on a page that was not given",
    ),
    Case(
        ONCE,
        "before the page is queued, and again",
        (give(T), dtor(T), enter("tlb_remove_table", "tlb", T), dtor(T)),
        "the destructor of a PTE page runs twice, or on a page that was not given",
    ),
    Case(DESTROYED, "after the wait", (unlink(T), ipi(1), ack(), dtor(T), free(T))),
    Case(DESTROYED, "one CPU", (online(1), unlink(T), dtor(T), free(T))),
    Case(DESTROYED, "freed without a wait is another's affair", (unlink(T), free(T))),
    Case(DESTROYED, "before it", (unlink(T), dtor(T)), "a PTE page loses its lock while walkers may be inside", "S11"),
    Case(DESTROYED, "given directly, and after the wait", (unlink(T), DIRECT, ipi(1), ack(), dtor(T), free(T))),
    Case(
        DESTROYED,
        "given directly, and freed at once",
        (unlink(T), DIRECT, users(1), dtor(T)),
        "a PTE page loses its lock while walkers may be inside",
        "S11",
    ),
    Case(
        DESTROYED,
        "given directly, and before the wait",
        (unlink(T), DIRECT, enter("tlb_remove_table", "tlb", T), dtor(T)),
        "a PTE page loses its lock while walkers may be inside",
    ),
)
