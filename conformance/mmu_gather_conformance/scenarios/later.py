# SPDX-License-Identifier: GPL-2.0-only
"""What callers do since the gather keeps a range: mappings, page sizes, another gather that is pending, dirty pages."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.arch import BATCHING

from mmu_gather_conformance.scenario import (
    Answers,
    Detach,
    EndVma,
    Entry,
    Finish,
    Flush,
    Folio,
    Gather,
    Invalidate,
    Page,
    PageSize,
    Scenario,
    StartVma,
    SyncOne,
    Table,
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
        "many-dirty-pages",
        "More dirty pages than two batches of slots hold, under one PTE lock.",
        (Gather(), Page(count=14, dirty=True), Finish()),
        Answers(alloc=(True, False), grace=("late",)),
        sizes=("small",),
        deviations=1,
        since="v3.0",
    ),
    Scenario(
        "pages-of-folios",
        "Runs of pages of one folio, given at once: the slots run out in the middle, and some were written to.",
        (Gather(), Page(), *4 * (Folio(),), Page(), Folio(count=3, dirty=True), Folio(), Finish()),
        Answers(alloc=(True, False), grace=("late",)),
        deviations=2,
        since="v6.12",
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
        "pages-nobody-counts-first",
        "A mapping of VM_PFNMAP, and another behind it, before either leaves the reverse maps.",
        (
            Gather(attached=True), StartVma(pfn=True), Entry(), EndVma(pfn=True), StartVma(), Page(), EndVma(),
            Detach(pfn=True), Detach(), Table(), Finish(),
        ),
        sizes=("real",),
        since="v6.1",
    ),
    Scenario(
        "a-mapping-leaves",
        "A mapping of pages that are counted leaves the reverse maps: no flush is asked of that.",
        (Gather(attached=True), StartVma(), Page(), EndVma(), Detach(), Table(), Finish()),
        sizes=("real",),
        since="v6.1",
    ),
    Scenario(
        "more-tables-than-slots",
        "Where tables go the way of pages, more of them than the gather has slots of its own.",
        (Gather(), Table(count=10), Finish()),
        Answers(alloc=(True, False), grace=("late",)),
        archs=("ipi",),
        sizes=("small",),
        deviations=2,
        since="v3.0",
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
)  # fmt: skip
