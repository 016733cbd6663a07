# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Walkers: what they may count on, and careless ones.

No port alone makes these traces; they are what a search over walkers would hand to the monitors.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.events import WalkPin

from traces.alphabet import Case, P, T, U, begin, cache_free, end, free, free_pages, give, load, online, unlink, users

NEVER: Final = "walk.never-a-freed-table"
NO_GRACE: Final = "walk.fallback-is-no-grace-period"
FRESH: Final = "walk.irqs-off-and-fresh"
PIN: Final = "walk.speculative-reference"
NOBODY: Final = "walk.nobody-below-two-users"

CASES: Final = (
    Case(NEVER, "a table is freed after the walk", (begin(), load(T), end(), free(T))),
    Case(NEVER, "another table is freed", (begin(), free(U), load(T))),
    Case(
        NEVER,
        "a freed PTE page is read",
        (begin(), free(T), load(T)),
        "a walker reads a table that was freed",
    ),
    Case(
        NEVER,
        "a freed PMD is read",
        (cache_free(7, T), begin(), load(T)),
        "a walker reads a table that was freed",
    ),
    Case(
        NEVER,
        "a table is freed at once below two users, and read",
        (begin(), give(T), users(1), free(T), load(T)),
        "a walker reads a table that was freed",
        "S2",
    ),
    Case(
        NEVER,
        "the fallback frees a table, and it is read: no known defect",
        (begin(), give(T), users(2), free(T), load(T)),
        "a walker reads a table that was freed",
    ),
    Case(
        NEVER,
        "a table goes the way of pages, and one CPU was counted",
        (online(1), begin(), give(T), free_pages(T), load(T)),
        "a walker reads a table that was freed",
        "S6",
    ),
    Case(
        NEVER,
        "two CPUs were counted: no known defect",
        (online(2), begin(), give(T), free_pages(T), load(T)),
        "a walker reads a table that was freed",
    ),
    Case(NEVER, "the walker has IRQs on: another rule's affair", (begin(irqs_on=True), free(T), load(T))),
    Case(NEVER, "the pointer is from before: another rule's affair", (begin(), free(T), load(T, fresh=False))),
    Case(NEVER, "a freed table's address is a new table's", (free(T), unlink(T), begin(), load(T))),
    Case(NO_GRACE, "a walker with IRQs on reads a table in time", (begin(irqs_on=True), load(T), free(T))),
    Case(NO_GRACE, "the walker has IRQs off: another rule's affair", (begin(), free(T), load(T))),
    Case(
        NO_GRACE,
        "a walker with IRQs on reads a freed table",
        (begin(irqs_on=True), free(T), load(T)),
        "a walker with IRQs on reads a table that the fallback has freed",
    ),
    Case(FRESH, "a walk reads two tables", (begin(), load(T), load(U), end())),
    Case(
        FRESH,
        "a careful walk follows a careless one that read nothing",
        (begin(irqs_on=True), end(), begin(), load(T)),
    ),
    Case(FRESH, "a table is read before any walk", (load(T),), "a table is read outside a walk"),
    Case(FRESH, "a table is read after the walk", (begin(), end(), load(T)), "a table is read outside a walk"),
    Case(
        FRESH,
        "a pointer was kept",
        (begin(), load(T, fresh=False)),
        "a table is read through a pointer from before this walk",
    ),
    Case(FRESH, "interrupts are on", (begin(irqs_on=True), load(T)), "a table is read with IRQs on"),
    Case(PIN, "the page is pinned and looked at again", (begin(), load(T), WalkPin(1, "gup_fast", P, True))),
    Case(
        PIN,
        "the page is just used",
        (begin(), load(T), WalkPin(1, "gup_fast", P, False)),
        "a page is used without a speculative reference and a second look",
    ),
    Case(NOBODY, "the walk is over", (begin(), end(), give(T), users(1), free(T))),
    Case(NOBODY, "there are two users", (begin(), give(T), users(2), free(T))),
    Case(
        NOBODY,
        "a kernel thread walks",
        (begin(), give(T), users(1), free(T)),
        "with less than two users a table is freed at once, while gup_fast is walking",
        "S2",
    ),
)
