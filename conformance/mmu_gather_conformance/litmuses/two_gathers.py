# SPDX-License-Identifier: GPL-2.0-only
"""Two gathers on one mm: each with its own batch and slots, over different addresses or the same."""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.litmus import Litmus, gather, runs
from mmu_gather_conformance.scenario import Page, Table

LITMUSES: Final = (
    Litmus(
        "two-gathers-two-tables",
        "Two gathers, each with a table, and a walker in both.",
        (gather(0, Table()), gather(1, Table(), name="b"), runs(2, "gup_fast", "a0", "b0")),
        sister="two-gathers-two-tables-careless",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "two-gathers-two-tables-careless",
        "Two grace periods protect a reader with IRQs on no better than one.",
        (gather(0, Table()), gather(1, Table(), name="b"), runs(2, "rcu_reader", "a0", "b0")),
        sister="two-gathers-two-tables",
        forbidden="walk.fallback-is-no-grace-period",
    ),
    Litmus(
        "two-gathers-no-memory",
        "Two gathers without memory wait for each other's CPU and for the walker, and all come to their end.",
        (gather(0, Table()), gather(1, Table(), name="b"), runs(2, "gup_fast", "a0", "b0")),
        failing=True,
        sister="two-gathers-no-memory-careless",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "two-gathers-no-memory-careless",
        "The reader with IRQs on answers both, and loses both tables.",
        (gather(0, Table()), gather(1, Table(), name="b"), runs(2, "rcu_reader", "a0", "b0")),
        failing=True,
        sister="two-gathers-no-memory",
        forbidden="walk.fallback-is-no-grace-period",
    ),
    Litmus(
        "two-gathers-hardware",
        "Either gather's flush may be the one that drops what hardware keeps of both; neither frees before it is done.",
        (gather(0, Table()), gather(1, Table(), name="b"), runs(2, "mmu", "a0")),
        sister="two-gathers-hardware-no-memory",
        forbidden="walk.hardware-never-a-freed-table",
    ),
    Litmus(
        "two-gathers-hardware-no-memory",
        "Without memory each frees its table by itself, and waits for a flush that the other has begun (S3).",
        (gather(0, Table()), gather(1, Table(), name="b"), runs(2, "mmu", "a0")),
        failing=True,
        sister="two-gathers-hardware",
        forbidden="walk.hardware-never-a-freed-table",
    ),
    Litmus(
        "two-gathers-one-cpu",
        "Two gathers take turns on one CPU: neither keeps anything in it.",
        (gather(0, Page()), gather(0, Page(), name="b")),
        sister="two-gathers-one-cpu-same-pages",
        forbidden="order.nothing-stale-in-its-range",
    ),
    Litmus(
        "two-gathers-one-cpu-same-pages",
        "They take turns over the same pages: one CPU is enough for the missed flush (S13).",
        (gather(0, Page()), gather(0, Page(), name="b", over="a")),
        sister="two-gathers-one-cpu",
        forbidden="order.nothing-stale-in-its-range",
    ),
    Litmus(
        "two-gathers-different-pages",
        "Each gather has flushed what it has unmapped when it ends.",
        (gather(0, Page()), gather(1, Page(), name="b")),
        sister="two-gathers-same-pages",
        forbidden="order.nothing-stale-in-its-range",
    ),
    Litmus(
        "two-gathers-same-pages",
        "The second finds the PTE clear, has nothing to flush, and ends before the first has flushed (S13).",
        (gather(0, Page()), gather(1, Page(), name="b", over="a")),
        sister="two-gathers-different-pages",
        forbidden="order.nothing-stale-in-its-range",
    ),
)
