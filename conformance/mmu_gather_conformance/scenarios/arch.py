# SPDX-License-Identifier: GPL-2.0-only
"""What waits in a CPU, and who has to be told: the flushes of each architecture."""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.scenario import Answers, Finish, Flush, Gather, Page, Scenario, Table

SCENARIOS: Final = (
    Scenario(
        "hash-batch-waits",
        "hash64, sparc64: something waits in this CPU's batch when the gather flushes.",
        (Gather(), Table(), Flush(), Page(), Finish()),
        Answers(hash_batch=("empty", "this mm", "another mm"), cpumask=("everywhere", "here")),
        archs=("hash64", "sparc64"),
        sizes=("real",),
    ),
    Scenario(
        "another-mm-waits",
        "hash64, sparc64: entries of another mm wait in this CPU's batch when one of this mm comes.",
        (Gather(), Page(), Finish()),
        Answers(hash_batch=("empty", "another mm")),
        archs=("hash64", "sparc64"),
        sizes=("real",),
    ),
    Scenario(
        "hash-batch-full",
        "hash64, sparc64: one page more than the batch holds, in one lazy section.",
        (Gather(), Page(count=193), Finish()),
        Answers(grace=("late",)),
        archs=("hash64", "sparc64"),
        sizes=("real",),
        configs=("",),
    ),
    Scenario(
        "no-lazy-mode",
        "hash64, sparc64: outside lazy mode every entry is dropped at once.",
        (Gather(), Page(count=2, lazy=False), Finish()),
        Answers(cpumask=("everywhere", "here"), hash_batch=("empty", "another mm")),
        archs=("hash64", "sparc64"),
        sizes=("real",),
    ),
    Scenario(
        "lazy-mode-over",
        "hash64, sparc64: lazy mode, in which an entry waits or none does, and a page after it has been left.",
        (Gather(), Page(), Page(lazy=False), Finish()),
        Answers(pte=(True, False)),
        archs=("hash64", "sparc64"),
        sizes=("real",),
    ),
    Scenario(
        "page-sizes-mixed",
        "hash64, sparc64: pages of two sizes in one lazy section; a batch holds entries of one.",
        (Gather(), Page(count=3, mixed=True), Finish()),
        archs=("hash64", "sparc64"),
        sizes=("real",),
    ),
    Scenario(
        "moves-before-it-is-pinned",
        "The task is moved at the last moment at which it can be, whatever it has looked at by then.",
        (Gather(), Page(), Table(), Finish()),
        Answers(moves=(False, True), cpumask=("here", "everywhere")),
        configs=("", "32bit"),
        sizes=("real",),
    ),
    Scenario(
        "who-has-run-the-mm",
        "The flush reaches the CPUs that may hold translations: both, this one, or none.",
        (Gather(), Page(), Table(), Flush(), Page(), Finish()),
        Answers(cpumask=("everywhere", "here"), context=(1, 0), online=(2, 1)),
        sizes=("real",),
    ),
    Scenario(
        "attached-here",
        "s390: the mm is attached to this CPU alone, so that what is cleared may wait for the flush; or it is not.",
        (Gather(), Page(count=2), Flush(), Page(), Table(), Finish()),
        Answers(attached=("here", "everywhere"), cpumask=("everywhere", "here"), context=(1, 0)),
        archs=("s390",),
        sizes=("real",),
        since="v5.7",
    ),
    Scenario(
        "builds",
        "Every configuration of this architecture is put to the build.",
        (),
        archs=("hash32", "hash64", "nohash", "radix", "x86", "sparc64", "arm64", "s390"),
        configs=("",),
        sizes=("real",),
        builds=True,
    ),
)
