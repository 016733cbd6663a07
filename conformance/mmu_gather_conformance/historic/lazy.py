# SPDX-License-Identifier: GPL-2.0-only
"""Who still holds the mm: kernel threads that have adopted it, CPUs that hold it lazily, and what waits in a CPU.

mm_users, mm_count and mm_cpumask each answer a question, and the bugs are answers to another one.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.historic.bug import Bug, Outside, Replay

BUGS: Final = (
    Bug(
        "66", 2020, "d53c3dfb23c4", "Nicholas Piggin",
        "mm: fix exec activate_mm vs TLB shootdown and lazy tlb switching race",
        "a CPU is interrupted for a flush half-way through its change to another mm",
        "Which mm a CPU runs and in which mask it stands changed in two steps. The IPI of a flush could arrive in "
        "between and draw the wrong conclusion about the lazy mm that it found.",
        Outside(
            "No CPU here changes its mm: mm_cpumask is what it is for as long as a litmus lasts.",
            "outside-mm-cpumask",
        ),
    ),
    Bug(
        "67", 2020, "a665eec0a22e", "Nicholas Piggin",
        "powerpc/64s/radix: Fix mm_cpumask trimming race vs kthread_use_mm",
        "with one user a flush stays on its CPU, and a kernel thread has adopted the mm elsewhere",
        "mm_users of one was taken as a proof that nobody else has the mm, and other CPUs were left out of its flushes "
        "from then on. A kernel thread that adopts an mm is not counted. It is the conclusion that the seed's shortcut "
        "draws, ten years later on the same architecture.",
        Replay("mutant:control_stays_local_below_two_users", "aio-below-two-users/ipi", "walk.never-a-freed-table"),
    ),
    Bug(
        "68", 2018, "52a288c73615", "Peter Zijlstra",
        "x86/mm/tlb: Revert the recent lazy TLB patches",
        "CPUs that hold the mm lazily are left out of a flush, and speculate into freed tables",
        "A lazy CPU runs nothing of the mm, so why interrupt it? Because it still walks ahead of itself. On some "
        "machines what it read in place of a table raised machine checks.",
        Replay(
            "mutant:flush_of_this_cpu_only", "hardware-lazy-three-users/hardware-walker",
            "walk.hardware-never-a-freed-table",
        ),
        verified=False,
    ),
    Bug(
        "69", 2012, "1a5a9906d4e8", "Andrea Arcangeli",
        "mm: thp: fix pmd_bad() triggering in code paths holding mmap_sem read mode",
        "a walker reads an entry twice and finds two different things",
        "With mmap_sem held for reading an entry can turn into a huge page and back. A walker that tests it and then "
        "reads it again has tested something else.",
        Outside(
            "An entry here leads to a table or to nothing, and no walker loads one twice.",
            "pointer-from-before",
        ),
    ),
    Bug(
        "70", 2013, "f36391d2790d", "David S. Miller",
        "sparc64: Fix race in TLB batch processing",
        "a CPU's batch of flushes is left behind when the task moves on",
        "Flushes were collected in a per-CPU variable and carried out at the end of the gather. If the task is "
        "somewhere else by then, it empties the wrong batch, and its own waits for nobody.",
        Replay("mutant:lazy_mode_left_with_entries", "moves-after-a-page/hash64", "gather.keeps-nothing-in-a-cpu"),
        verified=False,
    ),
)  # fmt: skip
