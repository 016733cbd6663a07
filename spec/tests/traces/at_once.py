# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What is freed at once: invalidated before that, or not."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from traces.alphabet import (
    BOOK3E,
    BOOT,
    BOTH_CPUS,
    Case,
    P,
    T,
    U,
    clear,
    enter,
    free,
    free_pages,
    give,
    given,
    invalidate,
    leave,
    online,
    unlink,
    users,
)

SHORTCUT: Final = "order.shortcut-after-invalidation"
ON_UP: Final = "order.up-frees-after-invalidation"
FAST: Final = "order.fast-mode-alone"

WALKS: Final = replace(BOOT, arch="hardware-walker")
WALKS_UP: Final = replace(BOOT, arch="ipi", smp=False)
PAGE: Final = enter("tlb_remove_page", "tlb", P)
TABLE: Final = enter("pmd_free_tlb", "tlb", T, 0)
HUGE: Final = enter("pgtable_free_tlb", "tlb", T, 0)

CASES: Final = (
    Case(SHORTCUT, "invalidated first", (unlink(T), give(T), invalidate(ind=True), users(1), free(T)), boot=WALKS),
    Case(SHORTCUT, "many users", (unlink(T), give(T), users(2), free(T)), boot=WALKS),
    Case(
        SHORTCUT,
        "translations only, and another table",
        (unlink(T), give(U), invalidate(), users(1), given(), free(U)),
        boot=WALKS,
    ),
    Case(
        SHORTCUT,
        "few users, and not invalidated",
        (unlink(T), give(T), users(1), free(T)),
        "a table is freed at once, and hardware may still be led to it",
        "S1",
        WALKS,
    ),
    Case(SHORTCUT, "no indirect entry leads to it", (unlink(T), HUGE, users(1), free(T)), boot=BOOK3E),
    Case(
        SHORTCUT,
        "few users, and its indirect entry is left",
        (unlink(T), give(T), users(1), free(T)),
        "a table is freed at once, and hardware may still be led to it",
        boot=BOOK3E,
    ),
    Case(ON_UP, "invalidated first", (unlink(T), TABLE, invalidate(ind=True), free(T)), boot=WALKS_UP),
    Case(ON_UP, "a directory of huge pages", (unlink(T), HUGE, invalidate(), free(T)), boot=WALKS_UP),
    Case(
        ON_UP,
        "freed first",
        (unlink(T, 7), TABLE, free(T)),
        "a table is freed that the hardware of the one CPU may still be led to",
        boot=WALKS_UP,
    ),
    Case(
        ON_UP,
        "freed as a page, in fast mode",
        (unlink(T), free_pages(T)),
        "a table is freed that the hardware of the one CPU may still be led to",
        "S6",
        WALKS_UP,
    ),
    Case(FAST, "one CPU", (online(1), clear(P), PAGE, free_pages(P))),
    Case(FAST, "after the flush", (online(2), clear(P), PAGE, invalidate(cpus=BOTH_CPUS), free_pages(P))),
    Case(FAST, "not in the call", (online(2), clear(P), PAGE, leave("tlb_remove_page"), users(2), free_pages(P))),
    Case(FAST, "several CPUs", (online(2), clear(P), PAGE, free_pages(P)), "fast mode, and there are several CPUs"),
)
