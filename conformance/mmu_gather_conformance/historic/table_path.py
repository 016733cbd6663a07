# SPDX-License-Identifier: GPL-2.0-only
"""The way of a table through the gather: freed at once, freed for want of memory, handed over, and the gate before it.

Most of it is one mistake in several places.  A table is let go once software walkers are out of it, and hardware
that has cached the way to it is only told afterwards.  Where the code was written, no hardware walked.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.historic.bug import Bug, Outside, Replay

HARDWARE: Final = "walk.hardware-never-a-freed-table"

BUGS: Final = (
    Bug(
        "1", 2018, "a6f572084fbe", "Peter Zijlstra",
        "mm/tlb: Remove tlb_remove_table() non-concurrent condition",
        "with one user a table is freed before the flush, and a lazy CPU still has the way to it",
        "One user of the mm was taken for one CPU that can walk it. A CPU that has switched to a kernel thread keeps "
        "the mm and its walk cache. It may follow a cached entry, ahead of any program, into a table that is "
        "somebody else's memory by then. Will Deacon saw it; the shortcut was removed.",
        Replay("ref", "hardware-one-user/hardware-walker", HARDWARE, "S1"),
        verified=False,
    ),
    Bug(
        "2", 2018, "d86564a2f085", "Peter Zijlstra",
        "mm/tlb, x86/mm: Support invalidating TLB caches for RCU_TABLE_FREE",
        "without memory for a batch a table is freed after an IPI and before the flush",
        "x86 had come to the batching without looking at its slow path. The IPI there makes sure that no software is "
        "in the table. It does nothing to walk caches, and the invalidation comes at the end of the gather. Jann "
        "Horn found it by reading.",
        Replay("ref", "hardware-no-memory/hardware-walker", HARDWARE, "S3"),
    ),
    Bug(
        "3", 2018, "d86564a2f085", "Peter Zijlstra",
        "mm/tlb, x86/mm: Support invalidating TLB caches for RCU_TABLE_FREE",
        "a full batch goes to RCU before the flush, and its grace period may end first",
        "The same patch mends the other path. A batch is submitted by the table that fills it. If the task is then "
        "preempted for long enough, the grace period ends, the tables are freed, and nobody has flushed yet.",
        Replay("ref", "hardware-batch-full/hardware-walker", HARDWARE, "S5"),
    ),
    Bug(
        "5", 2020, "0ed1325967ab", "Peter Zijlstra",
        "mm/mmu_gather: invalidate TLB correctly on batch allocation failure and flush",
        "radix opted out of the early invalidation, as if it were a hash MMU",
        "By then the invalidation before freeing was the default, and powerpc had asked to be left out of it at build "
        "time. That was right for its hash MMU. The same kernel may run on radix, whose hardware walks the "
        "Linux tables. The shortcut is gone in that era, and the bug does not need it.",
        Replay("variant:no_shortcut", "hardware-no-memory/hardware-walker", HARDWARE, "S3"),
    ),
    Bug(
        "6", 2020, "12e4d53f3f04", "Aneesh Kumar K.V",
        "powerpc/mmu_gather: enable RCU_TABLE_FREE even for !SMP case",
        "on UP a table is freed at once, and its own CPU can still walk it before the flush",
        "One CPU means no concurrent walker only as long as nothing comes between freeing and flushing. An interrupt "
        "or another task does, and that CPU's own walk cache then leads to the freed table. Here the code for UP runs "
        "with one CPU online.",
        Replay("mutant:tables_freed_as_on_up", "hardware-one-cpu/hardware-walker", HARDWARE),
    ),
    Bug(
        "8", 2021, "912efa17e512", "Will Deacon",
        "mm: proc: Invalidate TLB after clearing soft-dirty page state",
        "a gather was used for its flush alone, and with nothing in it does not flush",
        "Entries were made read-only between tlb_gather_mmu() and tlb_finish_mmu(), and none was noted in the gather. "
        "The gate stayed shut, so writable translations survived. There the caller forgot to note an entry; here the "
        "function that notes it does nothing, and the trace is the same.",
        Replay("mutant:entry_opens_no_gate", "entry-only/nohash/up", "order.gate-open-when-dirty"),
    ),
    Bug(
        "9", 2017, "a46cc7a90fd8", "Benjamin Herrenschmidt",
        "powerpc/mm/radix: Improve TLB/PWC flushes",
        "the walk cache is no longer dropped with each table, but by a flush that can come too late",
        "Radix had dropped its walk cache for each table that was freed. To save work that moved into the flush at the "
        "end. But a table may be freed, or its batch submitted, before that flush. On Book3E the rule is "
        "older: the entry above a PTE table goes first.",
        Replay("mutant:indirect_entry_left_to_the_flush", "flush-between/nohash", "arch.indirect-entry-first"),
    ),
    Bug(
        "10", 2012, "cd94154cc6a2", "Martin Schwidefsky",
        "[S390] fix tlb flushing for page table pages",
        "s390 took the generic code for its upper tables, which hardware still reads",
        "s390 had moved to the generic batching. For a table of an upper level the hardware has to be told before it "
        "is freed, and with few users of the mm the generic code frees first. s390 went back to code of its own, six "
        "years before the others noticed.",
        Replay("ref", "hardware-pmd-table/hardware-walker", HARDWARE, "S1"),
    ),
    Bug(
        "11", 2012, "", "Nikunj A. Dadhania and Peter Zijlstra",
        "mm: Add optional TLB flush to generic RCU page-table freeing",
        "a cure for 1, 2 and 3 that was proposed six years early, and not taken",
        "The patch lets an architecture ask for an invalidation before generic code frees a table or hands it over.",
        Outside(
            "It is no bug but the cure. Here it is the legal variant `invalidate_before_free`, with which the litmus "
            "tests that show those three answer Never.",
            "hardware-no-memory",
        ),
    ),
    Bug(
        "12", 2013, "29eb77825cc7", "Peter Zijlstra",
        "arch, mm: Remove tlb_fast_mode()",
        "fast mode frees a page before the flush, and another task may run in between",
        "With one CPU pages were freed as they were unmapped, and flushed later. Once a gather could be preempted, "
        "another thread of the mm could run in that gap and use a translation to a page that was already given away. "
        "Max Filippov ran into it.",
        Replay("ref", "access-one-cpu/hardware-walker", "walk.no-access-to-a-freed-page", "S6"),
    ),
    Bug(
        "13", 2011, "", "Peter Zijlstra",
        "mm: mmu_gather rework, the posting of January 2011",
        "fast mode is switched on for one CPU and never off, in a struct from the stack",
        "The draft had set the flag where one CPU was online, and written nothing elsewhere. The gather had just moved "
        "from a per-CPU variable to the stack, where the flag is whatever was there: an SMP machine could free pages "
        "before the flush.",
        Replay("mutant:fast_mode_not_cleared", "one-page/hardware-walker", "gather.every-field-written"),
    ),
    Bug(
        "14", 2011, "", "Peter Zijlstra",
        "mm: mmu_gather rework, the postings of January and April 2011",
        "need_flush is not initialised, and an empty gather may flush",
        "The same move to the stack, another field. It costs a flush that nobody needed.",
        Replay("ref", "empty-gather/hardware-walker", "order.gate-closed-when-clean", "S7"),
    ),
    Bug(
        "15", 2010, "", "Benjamin Herrenschmidt",
        "Re: [PATCH 16/21] mm, powerpc: Move the RCU page-table freeing into generic code",
        "the batching is selected by PPC64 and used by SMP: two kinds of kernel do not build",
        "The reply to the seed. powerpc selected the generic code on 64-bit, and called it wherever there is SMP. So "
        "32-bit SMP calls what it does not have, and 64-bit UP has generic code that misses the architecture's half.",
        Replay("ref", "builds/hash64", "configuration.selected-where-used", "S10"),
    ),
)  # fmt: skip
