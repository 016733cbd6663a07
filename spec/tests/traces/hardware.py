# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Hardware: freed tables that a walk cache led to, freed pages that a TLB led to, and another gather's leavings."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.events import Access, CacheEntry, HardwareLoad, SkipPte

from traces.alphabet import (
    BOOK3E,
    UP,
    WALKED,
    Case,
    P,
    Q,
    T,
    U,
    call_rcu,
    clear,
    enter,
    free,
    free_pages,
    give,
    given,
    got,
    invalidate,
    leave,
    online,
    unlink,
    users,
)

TABLE: Final = "walk.hardware-never-a-freed-table"
PAGE: Final = "walk.no-access-to-a-freed-page"
RANGE: Final = "order.nothing-stale-in-its-range"

READ: Final = "the hardware reads a table that was freed"
REACHED: Final = "an access reaches a page that was freed"
LEFT: Final = "the TLB of cpu0 may still hold a translation in the range of a gather that has ended"


def fill(table: int) -> CacheEntry:
    return CacheEntry(1, "mmu", table)


def read(table: int) -> HardwareLoad:
    return HardwareLoad(1, "mmu", table)


def access(page: int) -> Access:
    return Access(1, "task", page)


def skip(page: int, agent: str) -> SkipPte:
    return SkipPte(0, agent, page, page << 4)


CASES: Final = (
    Case(TABLE, "a table is read before it is freed", (fill(T), unlink(T), read(T), free(T)), boot=WALKED),
    Case(TABLE, "another table is freed", (fill(T), free(U), read(T)), boot=WALKED),
    Case(TABLE, "a freed table's address is a new table's", (free(T), unlink(T), read(T)), boot=WALKED),
    Case(
        TABLE,
        "a table is freed at once below two users",
        (fill(T), give(T), users(1), free(T), given(), read(T)),
        READ,
        "S1",
        WALKED,
    ),
    Case(
        TABLE,
        "no batch could be had",
        (fill(T), give(T), users(2), got(None), free(T), given(), read(T)),
        READ,
        "S3",
        WALKED,
    ),
    Case(
        TABLE,
        "a table is freed at once, for no reason at all",
        (fill(T), give(T), users(2), free(T), given(), read(T)),
        READ,
        boot=WALKED,
    ),
    Case(
        TABLE,
        "a table goes the way of pages, and one CPU was counted",
        (online(1), fill(T), give(T), users(2), free_pages(T), given(), read(T)),
        READ,
        "S6",
        WALKED,
    ),
    Case(
        TABLE,
        "a full batch is handed over before the flush",
        (fill(T), give(T), users(2), call_rcu(T), given(), free(T, agent="softirq"), read(T)),
        READ,
        "S5",
        WALKED,
    ),
    Case(
        TABLE,
        "the call that fills a batch hands over what came before, too",
        (
            fill(T),
            give(T),
            users(2),
            given(),
            give(U),
            users(2),
            call_rcu(T, U),
            given(),
            free(T, agent="softirq"),
            read(T),
        ),
        READ,
        "S5",
        WALKED,
    ),
    Case(
        TABLE,
        "a flush hands the batch over and has not invalidated: no known defect",
        (fill(T), give(T), users(2), given(), call_rcu(T), free(T, agent="softirq"), read(T)),
        READ,
        None,
        WALKED,
    ),
    Case(
        TABLE,
        "no batch could be had, and the entry above the table was not invalidated before it was given",
        (fill(T), give(T), users(2), got(None), free(T), given(), read(T)),
        READ,
        None,
        BOOK3E,
    ),
    Case(PAGE, "a page is reached before it is freed", (access(P), free_pages(P))),
    Case(PAGE, "another page is freed", (free_pages(Q), access(P))),
    Case(PAGE, "a page is freed and reached", (free_pages(P), access(P)), REACHED),
    Case(PAGE, "one CPU was online when the gather began", (online(1), free_pages(P), access(P)), REACHED, "S6"),
    Case(PAGE, "there is one CPU", (free_pages(P), access(P)), REACHED, "S6", UP),
    Case(RANGE, "what it cleared is flushed", (clear(P), invalidate(), leave("tlb_finish_mmu"))),
    Case(
        RANGE,
        "another has cleared and flushed",
        (clear(P), invalidate(), skip(P, "b"), finish := leave("tlb_finish_mmu", agent="b")),
    ),
    Case(RANGE, "another is busy elsewhere", (clear(P), skip(Q, "b"), finish)),
    Case(
        RANGE,
        "a second gather in the same place does not clear the first one's leavings",
        (clear(P), enter("tlb_gather_mmu", "tlb", "mm", 0, agent="b"), finish),
    ),
    Case(RANGE, "what it cleared is stale", (clear(P), leave("tlb_finish_mmu")), LEFT),
    Case(RANGE, "another has cleared and not flushed", (clear(P), skip(P, "b"), finish), LEFT, "S13"),
)
