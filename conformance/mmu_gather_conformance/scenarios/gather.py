# SPDX-License-Identifier: GPL-2.0-only
"""Gathers that move between CPUs, and two gathers at a time."""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.scenario import Answers, Finish, Flush, Gather, Migrate, Page, Scenario, Table

SCENARIOS: Final = (
    Scenario(
        "moves-between-calls",
        "The task goes on on another CPU between any two calls.",
        (Gather(), Migrate(), Page(), Migrate(), Table(), Migrate(), Table(), Flush(),
         Migrate(), Table(), Migrate(), Finish()),
        Answers(alloc=(True, False)),
    ),
    Scenario(
        "moves-after-a-page",
        "The task goes on on another CPU as soon as it has let the PTE lock go.",
        (Gather(), Page(), Migrate(), Finish()),
        sizes=("real",),
    ),
    Scenario(
        "one-after-the-other",
        "Two gathers in a row: nothing of the first is left for the second.",
        (Gather(), Table(), Page(), Finish(), Gather(), Table(), Page(), Finish()),
    ),
    Scenario(
        "two-gathers",
        "Two gathers whose calls take turns: neither sees the other.",
        (
            Gather("a"), Gather("b"), Table("a"), Table("b"), Page("a"), Table("a"), Table("b"), Finish("a"),
            Table("b"), Finish("b"),
        ),
        since="rfc-2010-base",
    ),
    Scenario(
        "gather-within-a-gather",
        "A second gather is run whole at each boundary of the first: the first does the same as alone.",
        (Gather(), Page(), Table(count=2), Flush(), Table(count=2), Finish()),
        nested=True,
        since="rfc-2010-base",
    ),
)  # fmt: skip
