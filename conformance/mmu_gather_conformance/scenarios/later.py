# SPDX-License-Identifier: GPL-2.0-only
"""What callers do since the gather keeps a range: mappings, page sizes, another gather that is pending, dirty pages."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.arch import BATCHING, SHARING

from mmu_gather_conformance.scenario import (
    Answers,
    Detach,
    EndVma,
    Entry,
    Finish,
    Flush,
    FlushUnshared,
    Gather,
    GatherVma,
    Invalidate,
    Page,
    PageSize,
    Scenario,
    StartVma,
    SyncOne,
    Table,
    Unshare,
)

SCENARIOS: Final = (
    Scenario(
        "another-gather-pends",
        "Another gather may be pending on the mm when this one ends, whatever it did itself.",
        (Gather(), Page(), Table(), Finish(), Gather(), Finish()),
        Answers(nested=(False, True), alloc=(True, False)),
        since="v4.19",
    ),
    Scenario(
        "dirty-pages",
        "Pages of a file that were written to: the flush comes before the PTE lock is dropped.",
        (Gather(), Page(count=2, dirty=True), Page(), Finish()),
        Answers(alloc=(True, False)),
        sizes=("real",),
    ),
    Scenario(
        "slots-run-out-twice",
        "So many pages that the gather's own slots are full twice, each time under the PTE lock.",
        (Gather(), Page(count=18), Finish()),
        Answers(alloc=(True, False), grace=("late",)),
        sizes=("real",),
        deviations=2,
        since="v3.0",
    ),
    Scenario(
        "two-mappings",
        "Two mappings, with tables after them, as munmap does it.",
        (Gather(), StartVma(), Page(), EndVma(), StartVma(), Page(count=2), EndVma(), Table(count=2), Finish()),
        Answers(alloc=(True, False)),
        since="v6.1",
    ),
    Scenario(
        "pages-nobody-counts",
        "A mapping of VM_PFNMAP: its owner may take its pages back as soon as it is off the reverse maps.",
        (Gather(attached=True), StartVma(pfn=True), Entry(), EndVma(pfn=True), Detach(pfn=True), Table(), Finish()),
        sizes=("real",),
    ),
    Scenario(
        "page-sizes-change",
        "Entries of another size come: where an arch flushes by size, the others go first.",
        (Gather(), PageSize(), Page(), PageSize(huge=True), Page(), PageSize(huge=True), Table(), Finish()),
        Answers(alloc=(True, False)),
        sizes=("real",),
        since="v5.7",
    ),
    Scenario(
        "invalidate-only",
        "A flush that frees nothing, with pages and tables waiting, and one with nothing to do.",
        (Gather(), Page(), Table(), Invalidate(), Invalidate(), Table(), Invalidate(), Flush(), Finish()),
        Answers(alloc=(True, False)),
        since="v5.7",
    ),
    Scenario(
        "walkers-waited-for",
        "Who keeps a table waits for its walkers and frees nothing, with a gather open or without.",
        (SyncOne(), Gather(), Table(), SyncOne(), Finish()),
        Answers(online=(2, 1)),
        archs=BATCHING,
        since="v6.1",
    ),
    Scenario(
        "table-unshared",
        "hugetlb leaves a PMD table that others map: that one other does, who then owns it alone, or two.",
        (GatherVma(), Unshare(), FlushUnshared(), Finish()),
        Answers(sharers=(1, 2), online=(2, 1), cpumask=("everywhere", "here")),
        archs=SHARING,
        since="v6.1",
    ),
    Scenario(
        "tables-unshared-among-pages",
        "A mapping of huge pages goes: tables that others map are left, pages of tables of its own are freed.",
        (
            Gather(),
            StartVma(),
            PageSize(huge=True),
            Unshare(),
            Page(),
            Unshare(),
            EndVma(),
            FlushUnshared(),
            Table(),
            Finish(),
        ),
        Answers(sharers=(1, 2), alloc=(True, False), grace=("late",)),
        archs=SHARING,
        since="v6.1",
    ),
    Scenario(
        "unshared-twice-under-one-lock",
        "More is left after the flush, and the mapping's lock has been kept: that wants a flush of its own.",
        (GatherVma(), Unshare(count=2), FlushUnshared(unlocks=False), Unshare(), FlushUnshared(), Finish()),
        Answers(sharers=(1, 2)),
        archs=SHARING,
        since="v6.1",
    ),
    Scenario(
        "whole-mm-unshares",
        "exit_mmap() leaves shared tables, too, each mapping under its lock.",
        (Gather(fullmm=True), Unshare(), FlushUnshared(), Unshare(), FlushUnshared(), Table(), Finish()),
        Answers(sharers=(1, 2), grace=("late",)),
        archs=SHARING,
        since="v6.1",
    ),
    Scenario(
        "flushed-before-it-unlocks",
        "Slots ran out meanwhile, so that the flush has come already: the walkers are to be waited for still.",
        (GatherVma(), Unshare(), Invalidate(), Unshare(), Flush(), FlushUnshared(), FlushUnshared(), Finish()),
        Answers(sharers=(1, 2)),
        archs=SHARING,
        since="v6.1",
    ),
)
