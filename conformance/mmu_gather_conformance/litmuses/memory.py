# SPDX-License-Identifier: GPL-2.0-only
"""No memory for a batch, and batches that are full: the two other ways out of tlb_remove_table()."""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.litmus import Litmus, gather, runs
from mmu_gather_conformance.scenario import Table

LITMUSES: Final = (
    Litmus(
        "no-memory",
        "No batch can be had: the table is freed once every other CPU has taken an interrupt.",
        (gather(0, Table()), runs(1, "gup_fast", "a0")),
        failing=True,
        sister="preempt-off-reader-no-memory",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "no-memory-own-cpu",
        "The fallback interrupts the others only: on its own CPU nobody walks while it runs.",
        (gather(0, Table()), runs(0, "gup_fast", "a0")),
        failing=True,
        sister="no-memory-own-cpu-preempted",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "no-memory-own-cpu-preempted",
        "A walker that can be preempted loses its table to a task of its own CPU.",
        (gather(0, Table()), runs(0, "rcu_reader", "a0")),
        failing=True,
        sister="no-memory-own-cpu",
        forbidden="walk.fallback-is-no-grace-period",
    ),
    Litmus(
        "every-attempt-may-fail",
        "Each of three tables may find no memory, on its own, with two walkers about.",
        (gather(0, Table(count=3)), runs(1, "gup_fast", "a0", "a2"), runs(2, "gup_fast", "a0", "a2")),
        failing=True,
        sister="every-attempt-may-fail-careless",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "every-attempt-may-fail-careless",
        "Whatever way its table goes, a reader with IRQs on loses it.",
        (gather(0, Table(count=3)), runs(1, "gup_fast", "a0", "a2"), runs(2, "rcu_reader", "a0", "a2")),
        failing=True,
        sister="every-attempt-may-fail",
        forbidden="walk.fallback-is-no-grace-period",
    ),
    Litmus(
        "batch-full",
        "A batch is submitted when it is full, long before the gather ends: its grace period counts from there.",
        (gather(0, Table(count=2)), runs(1, "gup_fast", "a0", "a1")),
        sister="batch-full-careless",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "batch-full-careless",
        "The first batch may be gone before the gather ends.",
        (gather(0, Table(count=2)), runs(1, "rcu_reader", "a0", "a1")),
        sister="batch-full",
        forbidden="walk.fallback-is-no-grace-period",
    ),
    Litmus(
        "batch-full-and-one-more",
        "Two batches have two grace periods, and one walker may need the tables of both.",
        (gather(0, Table(count=3)), runs(1, "gup_fast", "a0", "a2")),
        sister="batch-full-and-one-more-careless",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "batch-full-and-one-more-careless",
        "A reader that holds back neither of them loses its table.",
        (gather(0, Table(count=3)), runs(1, "rcu_reader", "a0", "a2")),
        sister="batch-full-and-one-more",
        forbidden="walk.fallback-is-no-grace-period",
    ),
)
