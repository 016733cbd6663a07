# SPDX-License-Identifier: GPL-2.0-only
"""Tables that are taken away without the gather: by huge pages, by sharing, by migration, in the kernel's own tables.

The duties are the same, unhook, invalidate, wait, and whoever goes around the gather has to know them.  A table that is
kept for another use is as gone for a walker as one that was freed.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.historic.bug import Bug, Outside, Replay

SOFTWARE: Final = "walk.never-a-freed-table"

BUGS: Final = (
    Bug(
        "31", 2022, "70cbc3cc78a9", "Yang Shi",
        "mm: gup: fix the fast GUP race against THP collapse",
        "a walker looks again at the PTE that it used, and not at the entry above it",
        "A huge page is put in place of a table. The flush for that interrupts nobody on some architectures, so a "
        "walker that has read the entry above goes on in the old table, and pins a page that is being copied.",
        Outside(
            "There are no huge pages, and nobody collapses a table without clearing its PTEs. A walker that does not "
            "look again at all is there.",
            "pin-outright",
        ),
    ),
    Bug(
        "32", 2022, "2ba99c5e0881", "Jann Horn",
        "mm/khugepaged: fix GUP-fast interaction by sending IPI",
        "a table is taken out of use after a flush, and nobody waits for walkers inside",
        "khugepaged unhooked a table, flushed, and kept it for later use. On architectures whose flush is a broadcast "
        "nothing had waited for a walker with its interrupts off. Here the gather's own flush lets its tables go like "
        "that.",
        Replay("mutant:tables_freed_by_the_flush", "gup-fast/hardware-walker", SOFTWARE),
    ),
    Bug(
        "33", 2022, "f268f6cf875f", "Jann Horn",
        "mm/khugepaged: invoke MMU notifiers in shmem/file collapse paths",
        "a secondary MMU keeps translations that the CPUs have dropped",
        "Two paths that retract tables told the TLBs of the CPUs and not the devices and guests that keep translations "
        "of their own.",
        Outside(
            "Only CPUs have translations here; there are no mmu notifiers and nobody who listens to them. A flush "
            "that leaves a CPU out is number 68.",
            "hardware-other-cpu",
        ),
    ),
    Bug(
        "34", 2022, "8d3c106e19e8", "Jann Horn",
        "mm/khugepaged: take the right locks for page table retraction",
        "a table is taken away while it can still be found through the reverse maps",
        "Who comes by a reverse map takes that map's lock and not mmap_lock. khugepaged removed a table under the "
        "second alone, with others possibly inside it. The caller's duty is to make sure that nobody comes "
        "that way any more.",
        Replay("ref", "vma-still-attached/hash64", "gather.vma-detached-first"),
    ),
    Bug(
        "35", 2025, "1013af4f585f", "Jann Horn",
        "mm/hugetlb: fix huge_pmd_unshare() vs GUP-fast race",
        "a shared table becomes one process's own while a walker of another is still in it",
        "The last but one user of a shared PMD table lets go of it and flushes. The other user may then treat the "
        "table as its own. A walker that came through the first is still reading. CVE-2025-38085.",
        Replay("mutant:last_sharer_not_waited_for", "unshare-gup-fast/x86", "walk.never-a-reused-table"),
    ),
    Bug(
        "36", 2026, "", "David Hildenbrand",
        "mm/hugetlb: fix excessive IPI broadcasts when unsharing PMD tables using mmu_gather",
        "the cure of 35 interrupts every CPU once for each table",
        "Each unshared table got a broadcast of its own. They are collected in the gather now, and waited for "
        "together.",
        Outside(
            "It is a matter of cost. No rule counts IPIs, and the legal variant `ipi_always` has them for every table.",
            "unshare-gup-fast",
        ),
    ),
    Bug(
        "37", 2021, "a4a118f2eead", "Nadav Amit",
        "hugetlbfs: flush TLBs correctly after huge_pmd_unshare",
        "an unshared table's pages are freed by its other user before the first has flushed",
        "Unsharing clears one entry for a gigabyte of translations. The lock that kept the other user from freeing "
        "the pages was let go, and the flush came after that. CVE-2021-4002.",
        Replay("mutant:unshared_flush_put_off", "table-unshared/arm64", "order.unshared-flushed-in-time"),
    ),
    Bug(
        "38", 2018, "dff11abe280b", "Mike Kravetz",
        "hugetlb: take PMD sharing into account when flushing tlb/caches",
        "the flush covers the part that was asked for, and the unsharing unmapped more",
        "Where a PMD table is unshared, everything goes that its parent entry covers; the range of the flush was that "
        "of the request.",
        Replay("mutant:unshared_range_of_the_request", "table-unshared/arm64", "order.unshared-flushed-in-time"),
    ),
    Bug(
        "39", 2024, "59d9094df3d7", "Liu Shixin",
        "mm: hugetlb: independent PMD page table shared count",
        "a page's reference count is read as the number of its sharers",
        "Anybody may hold a reference to a page for a moment, so that a table of one user looked shared, and was not "
        "freed as such a table must be.",
        Outside("Tables have no reference counts and no sharers here; a table is freed or it is not."),
    ),
    Bug(
        "40", 2015, "13bd817bb884", "Aneesh Kumar K.V",
        "powerpc/thp: Serialize pmd clear against a linux page table walk",
        "a table is withdrawn under a walker of the hash-fault handler's kind",
        "On hash64 an entry could turn from a table into a huge page while somebody was on the way down with "
        "interrupts off. The cure interrupts the CPUs that have run the mm and waits. Here the table is let go "
        "by the flush, which on hash64 waits for nobody.",
        Replay("mutant:tables_freed_by_the_flush", "hash-fault/hash64", SOFTWARE),
    ),
    Bug(
        "41", 2020, "d3f7b1bb2040", "Vasily Gorbik",
        "mm/gup: fix gup_fast with dynamic page table folding",
        "a walker reads an entry a second time, at a level that has been folded",
        "On s390 the number of levels differs from mm to mm. The macros for a folded level read the entry above again, "
        "instead of what the walker had loaded, and it may have changed.",
        Outside(
            "A walk here has one level of entries, and no walker loads one twice. A walker that goes on with what it "
            "had loaded before is there.",
            "pointer-from-before",
        ),
    ),
    Bug(
        "42", 2022, "60bae7370896", "Alistair Popple",
        "mm/migrate_device.c: flush TLB while holding PTL",
        "who finds a PTE clear takes it for flushed, and it is not",
        "A PTE was cleared, its lock let go, and the flush done later. madvise() came in between, found nothing to "
        "unmap and returned, and a CPU went on using the page. Here both are gathers.",
        Replay("ref", "two-gathers-same-pages/nohash", "order.nothing-stale-in-its-range", "S13"),
    ),
    Bug(
        "43", 2026, "", "Lorenzo Stoakes",
        "[PATCH mm-hotfixes v2 0/4], July 2026",
        "tables of the kernel are freed while a dump of them is under way",
        "When a huge mapping replaced small ones in the kernel's own tables, the table below was freed without any "
        "waiting, and the reader of a debugging file was still in it. syzbot found it.",
        Outside(
            "There is one mm and it is a user's; the kernel's own tables go through no gather, and the dump relies on "
            "a lock.",
            "gup-fast",
        ),
    ),
    Bug(
        "71", 2026, "c2ff4764e03e", "Zeng Heng",
        "arm64: tlb: Flush walk cache when unsharing PMD tables",
        "a table that is left is not freed, and the walk cache goes on leading to it",
        "Since gathers unshare tables, the flush comes before the mapping's lock is dropped. arm64 drops the walk "
        "cache where tables were freed, and nobody had told it that one may be left as well. It came with the cure of "
        "36.",
        Replay("ref:v7.0", "unshare-hardware/arm64", "walk.never-a-reused-table", "S21"),
    ),
)  # fmt: skip
