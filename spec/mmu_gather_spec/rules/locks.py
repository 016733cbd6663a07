# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The locks of PTE pages: who finds a table may take the lock that belongs to it.

The lock lies beside the table, and the destructor takes it down.  That has to wait for walkers as the freeing of the
table does.  Walkers of the first eras take no lock, and never missed one; those that came later do.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from mmu_gather_spec.events import AnyEvent, Booted, Dtor, WalkLock
from mmu_gather_spec.rule import (
    REQUIRED,
    Evidence,
    Level,
    Monitor,
    Rule,
    Source,
    Violation,
    as_written,
    batches_on_smp,
    over_time,
)

#: The tables that have lost their lock.
Unlocked: TypeAlias = frozenset[int]


class LockIsThere(Monitor[Unlocked]):
    """A walker finds the lock of the table that it has found."""

    reads = (Dtor, WalkLock)

    def initial(self, boot: Booted, /) -> Unlocked:
        return frozenset()

    def step(self, state: Unlocked, event: AnyEvent, /) -> Unlocked | Violation:
        if isinstance(event, Dtor):
            return state | {event.table}
        if isinstance(event, WalkLock) and event.table in state:
            return Violation("a walker takes the lock of a table that has lost it", event, erratum="S11")
        return state

    def about(self, event: AnyEvent, /) -> frozenset[int] | None:
        return frozenset({event.table}) if isinstance(event, Dtor | WalkLock) else None


RULES: Final = (
    Rule(
        id="walk.never-a-lock-that-is-gone",
        row="B15",
        level=Level.MUST,
        sentence="A software walker that has IRQs off never takes the lock of a PTE page whose lock was taken down.",
        sources=(Source("arch/x86/mm/pgtable.c (6.12), ___pte_free_tlb", "pagetable_pte_dtor"),),
        evidence=Evidence.DERIVED,
        monitor=LockIsThere(),
        status=over_time({"v2.6.37": as_written("S11"), "v7.0": REQUIRED}),
        applies=batches_on_smp,
        where="SMP architectures that batch tables",
    ),
)
