# SPDX-License-Identifier: GPL-2.0-only
"""What an architecture adds: how its flush reaches others, what waits in a CPU, and how its tables come to the gather.

The control `ipi` stands for x86 before it took the batching: its flush interrupts every CPU, and that is all that
walkers have.  Whoever makes such a flush cheaper takes it from them.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.historic.bug import Bug, Outside, Replay

SOFTWARE: Final = "walk.never-a-freed-table"
HARDWARE: Final = "walk.hardware-never-a-freed-table"

BUGS: Final = (
    Bug(
        "17", 2007, "a741e6796957", "Benjamin Herrenschmidt",
        "[POWERPC] Make tlb flush batch use lazy MMU mode",
        "hash entries wait in a CPU's batch after the PTE lock was let go",
        "A PTE was cleared under its lock, and the drop of its hash entry waited beyond it. Another CPU could take the "
        "lock, map something else there and hash it while the old entry was still in the table. Since then the batch "
        "is emptied where lazy mode ends, inside the lock.",
        Replay("mutant:lazy_mode_left_with_entries", "moves-after-a-page/hash64", "order.nothing-stale-after-finish"),
    ),
    Bug(
        "20", 2023, "32cc0b7c9d50", "Hugh Dickins",
        "powerpc: add pte_free_defer() for pgtables sharing page",
        "tables that share a page share its one rcu_head",
        "A hazard that the patch had to get around. Several PTE tables live in one page, and the page has one "
        "rcu_head. Two of them, freed one soon after the other, would queue it twice and break RCU's list. There "
        "are no shared pages here; a head that two callbacks share breaks the same list.",
        Replay("mutant:rcu_head_shared", "one-table/hash64", "batch.untouched-after-submit"),
    ),
    Bug(
        "21", 2023, "8246601a7d39", "Jisheng Zhang",
        "riscv: tlb: fix __p*d_free_tlb()",
        "tables of the upper levels were freed directly, past the gather",
        "riscv gave PTE tables to the gather. For the levels above, the function that should have done so called the "
        "one that frees at once, so that the flush came after it.",
        Replay("mutant:pmd_table_bypasses_the_gather", "hardware-pmd-table-two-users/ipi", HARDWARE),
    ),
    Bug(
        "23", 2017, "9e52fc2b50de", "Vitaly Kuznetsov",
        "x86/mm: Enable RCU based page table freeing (CONFIG_HAVE_RCU_TABLE_FREE=y)",
        "a guest flushes by hypercall, and no IPI waits for its walkers",
        "x86 freed tables after its flush and needed no grace period, because the flush interrupted everybody. A "
        "guest that asks its hypervisor for the flush interrupts nobody, and get_user_pages_fast() loses what it "
        "relied on.",
        Replay("mutant:control_interrupts_nobody", "gup-fast/ipi", SOFTWARE),
    ),
    Bug(
        "24", 2025, "a37259732a7d", "Rik van Riel",
        "x86/mm: Make MMU_GATHER_RCU_TABLE_FREE unconditional",
        "the processor broadcasts the invalidation by itself, and no IPI waits for walkers",
        "INVLPGB reaches other CPUs in hardware, also those with interrupts off. It is the hypercall once more, on "
        "bare metal; this time the batching was made unconditional before anybody was hurt.",
        Replay("mutant:control_interrupts_nobody", "pmd-table/ipi", SOFTWARE),
    ),
    Bug(
        "26", 2019, "51696d346c49", "Will Deacon",
        "arm64: tlb: Ensure we execute an ISB following walk cache invalidation",
        "the invalidation was issued, and this CPU's pipeline had not taken notice",
        "The walk cache was told, and the instruction was missing that makes the CPU drop what it had begun on the old "
        "entry. So it could go on into the old table for a moment. There is no pipeline here; a CPU whose own walk "
        "cache the flush forgets goes on in the same way, and for longer.",
        Replay("mutant:control_forgets_itself", "hardware-own-cpu/ipi", HARDWARE),
    ),
    Bug(
        "27", 2025, "", "Qi Zheng",
        "move pagetable_dtor() to __tlb_remove_table()",
        "a table's lock is destroyed before the grace period that keeps the table",
        "The destructor ran as the table was given to the gather. Later walkers take the lock of a table that they "
        "found without one, and may take it after its end.",
        Replay("ref", "lock-taken/hash64", "walk.never-a-lock-that-is-gone", "S11"),
    ),
    Bug(
        "28", 2025, "718b13861d22", "Qi Zheng",
        "x86: mm: free page table pages by RCU instead of semi RCU",
        "walkers under rcu_read_lock() alone came, and the fallback's IPI does not wait for them",
        "Empty PTE tables came to be freed while others hold mmap_lock for reading, and such walkers keep no "
        "interrupts off. A batch waits for them, the fallback for one table does not. Its answer is a walker's here, "
        "since this era promises them nothing.",
        Replay("ref", "preempt-off-reader-no-memory/hash64", "walk.fallback-is-no-grace-period"),
    ),
    Bug(
        "29", 2026, "1fb3d8c20bfa", "Lance Yang",
        "mm/mmu_gather: replace IPI with synchronize_rcu() when batch allocation fails",
        "the fallback interrupts every CPU, also those that must not be disturbed",
        "Nothing was unsafe. An IPI to all CPUs for a single table hurts a real-time task that has nothing to do with "
        "it, so the fallback waits for a grace period instead.",
        Outside(
            "How long anybody is held up is not modelled. The cure is the legal variant `grace_period_in_fallback`, "
            "which no rule rejects.",
            "no-memory",
        ),
    ),
    Bug(
        "30", 2025, "", "David Hildenbrand",
        "a remark on the list in December 2025 about get_user_pages_fast() on x86",
        "a flush that interrupts only some CPUs is relied on to wait for all walkers",
        "Where the batching is not selected, tlb_remove_table_sync_one() does nothing, since the flush is taken to "
        "have interrupted every walker. x86 interrupts only those CPUs that may hold translations.",
        Replay("mutant:control_spares_other_cpus", "outside-mm-cpumask/ipi", SOFTWARE),
    ),
)  # fmt: skip
