# SPDX-License-Identifier: GPL-2.0-only
"""Walkers against a table that is unhooked under them: what they keep off, and what that buys them.

IRQs off hold back both a grace period and an IPI.  Preemption off holds back a grace period only, and
rcu_read_lock() neither: those walkers came into the contract later.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.arch import WITH_PMD

from mmu_gather_conformance.litmus import Litmus, gather, runs
from mmu_gather_conformance.scenario import Direct, Page, Table

LITMUSES: Final = (
    Litmus(
        "gup-fast",
        "A walker with IRQs off reads a table that is unhooked under it.",
        (gather(0, Table()), runs(1, "gup_fast", "a0")),
        sister="rcu-reader",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "rcu-reader",
        "The same walk under rcu_read_lock() alone: out of contract, since a sched grace period ignores it (S4).",
        (gather(0, Table()), runs(1, "rcu_reader", "a0")),
        sister="gup-fast",
        forbidden="walk.fallback-is-no-grace-period",
    ),
    Litmus(
        "preempt-off-reader",
        "The same walk with preemption off and IRQs on: a sched grace period waits for it.",
        (gather(0, Table()), runs(1, "sched_reader", "a0")),
        sister="preempt-off-reader-no-memory",
        forbidden="walk.fallback-is-no-grace-period",
    ),
    Litmus(
        "preempt-off-reader-no-memory",
        "Without memory for a batch it is an IPI that is waited for, answered in the middle of such a walk (S4).",
        (gather(0, Table()), runs(1, "sched_reader", "a0")),
        failing=True,
        sister="preempt-off-reader",
        forbidden="walk.fallback-is-no-grace-period",
    ),
    Litmus(
        "reader-protected",
        "A reader under rcu_read_lock() alone: where one grace period is for all, a batch waits for it.",
        (gather(0, Table()), runs(1, "rcu_reader", "a0")),
        sister="reader-protected-irqs-off",
        forbidden="walk.reader-never-a-freed-table",
    ),
    Litmus(
        "reader-protected-irqs-off",
        "A reader that has IRQs off as well was always waited for.",
        (gather(0, Table()), runs(1, "gup_fast", "a0")),
        sister="reader-protected",
        forbidden="walk.reader-never-a-freed-table",
    ),
    Litmus(
        "reader-protected-no-memory",
        "Without memory for a batch such a reader loses its table, until the single table waits as well (S4).",
        (gather(0, Table()), runs(1, "rcu_reader", "a0")),
        failing=True,
        sister="reader-protected-no-memory-irqs-off",
        forbidden="walk.reader-never-a-freed-table",
    ),
    Litmus(
        "reader-protected-no-memory-irqs-off",
        "With IRQs off it answers the interrupt when it is done.",
        (gather(0, Table()), runs(1, "gup_fast", "a0")),
        failing=True,
        sister="reader-protected-no-memory",
        forbidden="walk.reader-never-a-freed-table",
    ),
    Litmus(
        "pointer-from-before",
        "A walker switches IRQs on and off again, and goes on with the pointer that it had: nobody waited for that.",
        (gather(0, Table()), runs(1, "old_pointer", "a0")),
        sister="gup-fast-fresh",
        forbidden="walk.irqs-off-and-fresh",
    ),
    Litmus(
        "gup-fast-fresh",
        "A walker that loads each entry once, in the walk in which it reads what is behind it.",
        (gather(0, Table()), runs(1, "gup_fast", "a0")),
        sister="pointer-from-before",
        forbidden="walk.irqs-off-and-fresh",
    ),
    Litmus(
        "walk-after-walk",
        "One walk holds the grace period back; the next on that CPU begins too late for that, and finds nothing.",
        (gather(0, Table()), runs(1, "gup_fast", "a0"), runs(1, "gup_fast", "a0")),
        sister="walk-after-walk-careless",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "walk-after-walk-careless",
        "A reader with IRQs on is safe as long as such a walk has its CPU, and no longer.",
        (gather(0, Table()), runs(1, "gup_fast", "a0"), runs(1, "rcu_reader", "a0")),
        sister="walk-after-walk",
        forbidden="walk.fallback-is-no-grace-period",
    ),
    Litmus(
        "two-walkers",
        "Two walkers on two CPUs, and two tables, each in a batch of its own.",
        (gather(0, Table(count=2)), runs(1, "gup_fast", "a0", "a1"), runs(2, "gup_fast", "a0", "a1")),
        batch=1,
        sister="two-walkers-one-careless",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "two-walkers-one-careless",
        "That one walker has IRQs off does not help the other.",
        (gather(0, Table(count=2)), runs(1, "gup_fast", "a0", "a1"), runs(2, "rcu_reader", "a0", "a1")),
        batch=1,
        sister="two-walkers",
        forbidden="walk.fallback-is-no-grace-period",
    ),
    Litmus(
        "three-walkers",
        "Three walkers in one table.",
        (gather(0, Table()), *(runs(cpu, "gup_fast", "a0") for cpu in (1, 2, 3))),
        sister="three-walkers-one-careless",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "three-walkers-one-careless",
        "Two of three walkers hold the grace period back; it ends before the third has.",
        (gather(0, Table()), runs(1, "gup_fast", "a0"), runs(2, "gup_fast", "a0"), runs(3, "rcu_reader", "a0")),
        sister="three-walkers",
        forbidden="walk.fallback-is-no-grace-period",
    ),
    Litmus(
        "outside-mm-cpumask",
        "A walker on a CPU that mm_cpumask does not name: an invalidation may leave it out, the fallback may not.",
        (gather(0, Table()), runs(1, "gup_fast", "a0")),
        failing=True,
        local=True,
        sister="outside-mm-cpumask-careless",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "outside-mm-cpumask-careless",
        "Nor do they make up for IRQs that are on.",
        (gather(0, Table()), runs(1, "rcu_reader", "a0")),
        failing=True,
        local=True,
        sister="outside-mm-cpumask",
        forbidden="walk.fallback-is-no-grace-period",
    ),
    Litmus(
        "pmd-table",
        "A walker goes down through a PMD table, which has a cache of its own to go back to.",
        (gather(0, Table(level="pmd")), runs(1, "gup_fast", "a0")),
        archs=WITH_PMD,
        sister="pmd-table-careless",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "pmd-table-careless",
        "A PMD table is freed no later than a PTE table.",
        (gather(0, Table(level="pmd")), runs(1, "rcu_reader", "a0")),
        archs=WITH_PMD,
        sister="pmd-table",
        forbidden="walk.fallback-is-no-grace-period",
    ),
    Litmus(
        "hugepage-directory",
        "A directory of huge pages is freed by pgtable_free_tlb() directly, and waits like any other.",
        (gather(0, Direct(shift=4)), runs(1, "gup_fast", "a0")),
        archs=("hash64", "nohash"),
        sister="hugepage-directory-careless",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "hugepage-directory-careless",
        "And like any other it does not wait for a reader with IRQs on.",
        (gather(0, Direct(shift=4)), runs(1, "rcu_reader", "a0")),
        archs=("hash64", "nohash"),
        sister="hugepage-directory",
        forbidden="walk.fallback-is-no-grace-period",
    ),
    Litmus(
        "pin",
        "A walker pins the page that it found by a speculative reference, and looks again.",
        (gather(0, Page(), Table()), runs(1, "gup_fast", "a0", page="a0")),
        sister="pin-outright",
        forbidden="walk.speculative-reference",
    ),
    Litmus(
        "pin-outright",
        "A walker that simply takes a reference may take it to a page that is free: only its tables were kept for it.",
        (gather(0, Page(), Table()), runs(1, "gup_outright", "a0", page="a0")),
        sister="pin",
        forbidden="walk.speculative-reference",
    ),
    Litmus(
        "hash-fault",
        "The hash-fault handler is a walker, too: it reads the table with IRQs off.",
        (gather(0, Page(), Table()), runs(1, "hash_page", "a0", page="a0")),
        archs=("hash32", "hash64"),
        sister="hash-fault-irqs-on",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "hash-fault-irqs-on",
        "With IRQs on it would read a table that is gone.",
        (gather(0, Page(), Table()), runs(1, "hash_page_irqs_on", "a0", page="a0")),
        archs=("hash32", "hash64"),
        sister="hash-fault",
        forbidden="walk.fallback-is-no-grace-period",
    ),
    Litmus(
        "lock-taken",
        "A walker takes the lock of the PTE page that it has found, and the page has lost it (S11).",
        (gather(0, Table()), runs(1, "pte_offset_map_lock", "a0")),
        sister="lock-left-alone",
        forbidden="walk.never-a-lock-that-is-gone",
    ),
    Litmus(
        "lock-left-alone",
        "Walkers that take no lock miss none.",
        (gather(0, Table()), runs(1, "gup_fast", "a0")),
        sister="lock-taken",
        forbidden="walk.never-a-lock-that-is-gone",
    ),
)
