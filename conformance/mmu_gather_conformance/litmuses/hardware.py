# SPDX-License-Identifier: GPL-2.0-only
"""Hardware that walks the Linux tables: it asks nobody and is held off by nothing, so only the order helps.

Each of the three ways out of tlb_remove_table() that free or hand over a table before the flush shows here.
On hash32 and hash64 hardware does not walk, and on nohash the entry above a PTE table is dropped first:
there the same litmus tests answer Never.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.arch import WITH_PMD

from mmu_gather_conformance.litmus import Litmus, gather, runs
from mmu_gather_conformance.scenario import Flush, Table

LITMUSES: Final = (
    Litmus(
        "hardware-other-cpu",
        "Another CPU's walk cache leads to a table; it is flushed before the table is handed to RCU.",
        (gather(0, Table()), runs(1, "mmu", "a0")),
        sister="hardware-one-user",
        forbidden="walk.hardware-never-a-freed-table",
    ),
    Litmus(
        "hardware-one-user",
        "With one user the table is freed before the flush, but the other CPU holds the mm lazily (S1).",
        (gather(0, Table()), runs(1, "mmu", "a0")),
        users=1,
        sister="hardware-other-cpu",
        forbidden="walk.hardware-never-a-freed-table",
    ),
    Litmus(
        "hardware-own-cpu",
        "The gather's own CPU speculates like any other.",
        (gather(0, Table()), runs(0, "mmu", "a0")),
        sister="hardware-own-cpu-one-user",
        forbidden="walk.hardware-never-a-freed-table",
    ),
    Litmus(
        "hardware-own-cpu-one-user",
        "One user alone can be concurrent with its own CPU's speculation (S1).",
        (gather(0, Table()), runs(0, "mmu", "a0")),
        users=1,
        sister="hardware-own-cpu",
        forbidden="walk.hardware-never-a-freed-table",
    ),
    Litmus(
        "hardware-one-cpu",
        "Where tables go the way of pages, fast mode frees them before the flush, too (S6); batches have no such mode.",
        (gather(0, Table()), runs(0, "mmu", "a0")),
        spare=False,
        sister="hardware-own-cpu",
        forbidden="walk.hardware-never-a-freed-table",
    ),
    Litmus(
        "hardware-lazy",
        "The last other user exits in mid-gather; its CPU keeps the mm, and what it has cached (S1).",
        (gather(0, Table()), runs(1, "exit"), runs(1, "mmu", "a0")),
        sister="hardware-lazy-three-users",
        forbidden="walk.hardware-never-a-freed-table",
    ),
    Litmus(
        "hardware-lazy-three-users",
        "The same where a third user is left.",
        (gather(0, Table()), runs(1, "exit"), runs(1, "mmu", "a0")),
        users=3,
        sister="hardware-lazy",
        forbidden="walk.hardware-never-a-freed-table",
    ),
    Litmus(
        "hardware-exit-mmap",
        "At exit nobody uses the mm any more, but CPUs may hold it lazily (S1).",
        (gather(0, Table(), whole=True), runs(1, "mmu", "a0")),
        users=0,
        sister="hardware-exit-mmap-two-users",
        forbidden="walk.hardware-never-a-freed-table",
    ),
    Litmus(
        "hardware-exit-mmap-two-users",
        "The whole mm, torn down as if others still used it: the flush comes first.",
        (gather(0, Table(), whole=True), runs(1, "mmu", "a0")),
        sister="hardware-exit-mmap",
        forbidden="walk.hardware-never-a-freed-table",
    ),
    Litmus(
        "hardware-no-memory",
        "The fallback waits for software and forgets the hardware: no flush before it frees (S3).",
        (gather(0, Table()), runs(1, "mmu", "a0")),
        failing=True,
        sister="hardware-other-cpu",
        forbidden="walk.hardware-never-a-freed-table",
    ),
    Litmus(
        "hardware-batch-full",
        "A full batch is submitted before the flush, and its grace period may end before it (S5).",
        (gather(0, Table(count=2)), runs(1, "mmu", "a0")),
        sister="hardware-batch-not-full",
        forbidden="walk.hardware-never-a-freed-table",
    ),
    Litmus(
        "hardware-batch-not-full",
        "With room for one table more nothing is submitted before the flush.",
        (gather(0, Table(count=2)), runs(1, "mmu", "a0")),
        batch=3,
        sister="hardware-batch-full",
        forbidden="walk.hardware-never-a-freed-table",
    ),
    Litmus(
        "hardware-flush-between",
        "A flush between the two tables empties the batch in time.",
        (gather(0, Table(), Flush(), Table()), runs(1, "mmu", "a0")),
        sister="hardware-batch-full",
        forbidden="walk.hardware-never-a-freed-table",
    ),
    Litmus(
        "hardware-pmd-table",
        "Hardware that keeps the upper levels as well loses a PMD table in the same way (S1).",
        (gather(0, Table(level="pmd")), runs(1, "mmu", "a0")),
        users=1,
        archs=WITH_PMD,
        sister="hardware-pmd-table-two-users",
        forbidden="walk.hardware-never-a-freed-table",
    ),
    Litmus(
        "hardware-pmd-table-two-users",
        "With two users the PMD table is flushed first.",
        (gather(0, Table(level="pmd")), runs(1, "mmu", "a0")),
        archs=WITH_PMD,
        sister="hardware-pmd-table",
        forbidden="walk.hardware-never-a-freed-table",
    ),
)
