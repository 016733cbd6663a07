# SPDX-License-Identifier: GPL-2.0-only
"""Tables that fill batches, with allocations that fail and users that come and go."""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.config import SMALL_BATCH
from mmu_gather_conformance.scenario import Answers, Finish, Flush, Gather, Scenario, Table, TableFlush

SCENARIOS: Final = (
    Scenario(
        "one-table",
        "One table: every answer to everything that is asked.",
        (Gather(), Table(), Finish()),
        Answers(
            alloc=(True, False),
            mm_users=(2, 1, 0, 3),
            online=(2, 1),
            cpumask=("everywhere", "here"),
            context=(1, 0),
        ),
    ),
    Scenario(
        "users-come-and-go",
        "mm_users changes between any two tables.",
        (Gather(), Table(count=3), Finish()),
        Answers(mm_users=(2, 1)),
    ),
    Scenario(
        "every-allocation-may-fail",
        "Each attempt to have a batch may fail, on its own.",
        (Gather(), Table(count=4), Finish()),
        Answers(alloc=(True, False)),
    ),
    Scenario(
        "no-memory-at-all",
        "No allocation ever succeeds; everything is freed all the same.",
        (Gather(), Table(count=5), Table(level="pmd"), Finish()),
        Answers(alloc=(False,)),
    ),
    Scenario(
        "batch-one-short",
        "One table less than a batch holds: nothing is submitted before the flush.",
        (Gather(), Table(count=SMALL_BATCH - 1), Finish()),
        sizes=("small",),
    ),
    Scenario(
        "batch-full",
        "Exactly one batch: it is submitted by the call that fills it.",
        (Gather(), Table(count=SMALL_BATCH), Finish()),
        sizes=("small",),
    ),
    Scenario(
        "batch-full-and-one",
        "One table more: the second batch begins empty.",
        (Gather(), Table(count=SMALL_BATCH + 1), Finish()),
        Answers(alloc=(True, False)),
        sizes=("small",),
    ),
    Scenario(
        "two-batches-and-one",
        "Two full batches and one table, with grace periods that end early or late.",
        (Gather(), Table(count=2 * SMALL_BATCH + 1), Finish()),
        sizes=("small",),
    ),
    Scenario(
        "real-batch-full",
        "As many tables as a 4K page really holds on 64-bit, and one.",
        (Gather(), Table(count=510), Finish()),
        Answers(grace=("late",)),
        archs=("hash64",),
        configs=("",),
        sizes=("real",),
    ),
    Scenario(
        "real-batch-full-32-bit",
        "As many tables as a 4K page really holds on 32-bit, and one.",
        (Gather(), Table(count=1022), Finish()),
        Answers(grace=("late",)),
        archs=("hash32",),
        configs=("",),
        sizes=("real",),
    ),
    Scenario(
        "real-batch-and-failures",
        "A page's worth of tables, where one allocation fails.",
        (Gather(), Table(count=510), Finish()),
        Answers(alloc=(True, False), grace=("late",)),
        archs=("hash64",),
        configs=("",),
        sizes=("real",),
        deviations=1,
    ),
    Scenario(
        "table-flush-twice",
        "The batch is handed over by hand, twice: the second time there is nothing to do.",
        (Gather(), Table(), Flush(), TableFlush(), TableFlush(), Finish()),
        archs=("hash32", "hash64", "nohash"),
        configs=("", "64k", "32bit"),
        generic=True,
        until="rfc-2010",
    ),
    Scenario(
        "mixed-levels",
        "Tables of two levels in one batch.",
        (Gather(), Table(), Table(level="pmd"), Table(), Table(level="pmd"), Finish()),
        Answers(alloc=(True, False)),
        configs=("", "up", "64k", "32bit"),
    ),
)
