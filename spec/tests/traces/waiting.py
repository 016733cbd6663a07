# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Whom a free has to have waited for, as later eras say it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mmu_gather_spec import events as ev

from traces.alphabet import (
    BOOT,
    Case,
    T,
    U,
    ack,
    begin,
    call_rcu,
    end,
    enter,
    free,
    give,
    given,
    grace,
    ipi,
    leave,
    load,
    online,
    unlink,
    users,
)

REACHES: Final = "separation.flush-reaches-every-walker"
REAL: Final = "separation.fallback-is-a-grace-period"
READER: Final = "walk.reader-never-a-freed-table"
SYNC: Final = "separation.sync-one-frees-nothing"
NO_SHORTCUT: Final = "separation.no-shortcut"

IPI: Final = replace(BOOT, arch="ipi")
FLUSH: Final = enter("tlb_flush", "tlb")
SYNC_ONE: Final = enter("tlb_remove_table_sync_one")


def possible(value: int) -> ev.AtomicRead:
    return ev.AtomicRead(0, "a", "num_possible_cpus", value)


CASES: Final = (
    Case(REACHES, "everybody", (FLUSH, ipi(1), leave("tlb_flush"), ipi(wait=False)), boot=IPI),
    Case(REACHES, "nobody", (FLUSH, ipi()), "a flush that is to wait for every walker leaves a CPU out", boot=IPI),
    Case(
        REACHES,
        "without waiting",
        (FLUSH, ipi(1, wait=False)),
        "a flush that is to wait for every walker leaves a CPU out",
        boot=IPI,
    ),
    Case(
        REAL,
        "one for all",
        (unlink(T), call_rcu(T, flavour="consolidated"), grace(flavour="consolidated"), free(T)),
    ),
    Case(REAL, "waited for", (unlink(T), ev.GracePeriod(0, "a", 0, "consolidated"), free(T))),
    Case(REAL, "an IPI", (unlink(T), ipi(1), free(T)), "a table is freed that no grace period has passed for"),
    Case(
        REAL,
        "one that readers do not hold back",
        (unlink(T), call_rcu(T), grace(), free(T)),
        "a table is freed that no grace period has passed for",
    ),
    Case(READER, "it is over", (begin(irqs_on=True), load(T), end(), free(T), load(T), unlink(T))),
    Case(READER, "another table", (begin(irqs_on=True), free(U), load(T))),
    Case(
        READER,
        "freed under it",
        (begin(irqs_on=True), free(T), load(T)),
        "a walker under rcu_read_lock() reads a table that was freed",
    ),
    Case(SYNC, "it waits", (SYNC_ONE, ipi(1), ack(), leave("tlb_remove_table_sync_one"), free(T), call_rcu(T))),
    Case(
        SYNC, "it leaves a CPU out", (SYNC_ONE, ipi()), "whoever waits for walkers leaves a CPU out, or does not wait"
    ),
    Case(
        SYNC,
        "it waits for nobody",
        (SYNC_ONE, leave("tlb_remove_table_sync_one")),
        "waiting for walkers has waited for nobody",
    ),
    Case(SYNC, "it frees", (SYNC_ONE, free(T)), "waiting for walkers has let something go"),
    Case(NO_SHORTCUT, "an IPI to everybody else", (give(T), ipi(1), ack(), free(T))),
    Case(NO_SHORTCUT, "to one after the other", (give(T), ipi(), ipi(1), free(T))),
    Case(NO_SHORTCUT, "a grace period", (give(T), ev.GracePeriod(0, "a", 0, "consolidated"), free(T))),
    Case(NO_SHORTCUT, "one CPU", (give(T), online(1), users(2), free(T))),
    Case(NO_SHORTCUT, "one CPU is possible", (give(T), possible(1), free(T))),
    Case(
        NO_SHORTCUT,
        "two CPUs are possible",
        (give(T), possible(2), free(T)),
        "a table is freed at once, and the call that gives it has waited for nobody",
    ),
    Case(NO_SHORTCUT, "another's table", (give(T), ipi(), free(U), given(), ipi(), free(T))),
    Case(
        NO_SHORTCUT,
        "few users",
        (give(T), users(1), free(T)),
        "a table is freed at once, and the call that gives it has waited for nobody",
    ),
    Case(
        NO_SHORTCUT,
        "a CPU is left out",
        (give(T), ipi(), free(T)),
        "a table is freed at once, and the call that gives it has waited for nobody",
    ),
    Case(
        NO_SHORTCUT,
        "waited for before it was given",
        (give(U), ipi(1), ack(), given(), give(T), free(T)),
        "a table is freed at once, and the call that gives it has waited for nobody",
    ),
)
