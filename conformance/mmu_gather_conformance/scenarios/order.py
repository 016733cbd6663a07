# SPDX-License-Identifier: GPL-2.0-only
"""Pages and tables that are unmapped, invalidated and freed, in the callers' usual ways."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.arch import WITH_PMD

from mmu_gather_conformance.scenario import Answers, Entry, Finish, Flush, Gather, Page, Scenario, Table

SCENARIOS: Final = (
    Scenario(
        "empty-gather",
        "A gather in which nothing is unmapped needs no flush.",
        (Gather(), Finish()),
        Answers(online=(2, 1), alloc=(True, False)),
        sizes=("real",),
    ),
    Scenario(
        "one-page",
        "A page is unmapped and freed; one CPU or two, a private mm or a shared one.",
        (Gather(), Page(), Finish()),
        Answers(online=(2, 1), cpumask=("everywhere", "here"), context=(1, 0), alloc=(True, False)),
        sizes=("real",),
    ),
    Scenario(
        "nine-pages",
        "One page more than the gather's own slots, with and without a page of slots.",
        (Gather(), Page(count=9), Finish()),
        Answers(alloc=(True, False)),
        sizes=("real",),
    ),
    Scenario(
        "page-by-itself",
        "A page is given and no entry is noted: the flush must come all the same.",
        (Gather(), Page(noted=False), Finish()),
        archs=("hash64", "nohash", "hardware-walker", "ipi"),
        sizes=("real",),
        until="rfc-2010",
    ),
    Scenario(
        "one-pmd-table",
        "A PMD table is all that is freed: no page and no PTE table opens the gate for it.",
        (Gather(), Table(level="pmd"), Finish()),
        Answers(mm_users=(2, 1), alloc=(True, False)),
        archs=WITH_PMD,
        sizes=("small",),
    ),
    Scenario(
        "pages-fill-a-page",
        "So many pages that the slots run out in the middle.",
        (Gather(), Page(count=20), Finish()),
        Answers(alloc=(True, False), grace=("late",)),
        sizes=("small",),
    ),
    Scenario(
        "entry-only",
        "An entry is cleared without a page to free: the flush must come all the same.",
        (Gather(), Entry(), Finish()),
        Answers(online=(2, 1)),
        sizes=("real",),
    ),
    Scenario(
        "pages-then-tables",
        "What munmap does: first the pages, then the tables that mapped them.",
        (Gather(), Page(count=2), Table(count=2), Table(level="pmd"), Finish()),
        Answers(alloc=(True, False)),
        configs=("", "up", "64k", "32bit"),
    ),
    Scenario(
        "flush-between",
        "Two flushes in one gather: the second has its own work, the third has none.",
        (Gather(), Page(), Flush(), Table(), Flush(), Flush(), Finish()),
        Answers(alloc=(True, False)),
    ),
    Scenario(
        "whole-mm",
        "exit_mmap: the whole address space goes, and mm_users is 0.",
        (Gather(fullmm=True), Page(), Table(count=2), Table(level="pmd"), Finish()),
        Answers(mm_users=(0,), alloc=(True, False)),
    ),
)
