# SPDX-License-Identifier: GPL-2.0-only
"""Pages: freed while a translation to them is left, or believed to be unmapped while one is.

Later gathers keep a range of addresses and flush no more than that; here a flush takes the whole mm, or on hash64 each
entry as it goes.  So a range that came out too small is told by its harm: pages are freed whose translations no flush
has reached.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.historic.bug import Bug, Outside, Replay

FREED: Final = "order.page-freed-after-flush"
RANGE: Final = "order.nothing-stale-in-its-range"
TAKEN_BACK: Final = "walk.no-access-to-a-page-taken-back"

BUGS: Final = (
    Bug(
        "44", 2014, "1cf35d47712d", "Linus Torvalds",
        "mm: split 'tlb_flush_mmu()' into tlb flushing and memory freeing parts",
        "a dirty page is cleaned while another CPU can still write to it",
        "The rework had moved the flush out of the PTE lock. The dirty bit was carried over to the page, the lock let "
        "go, and page_mkclean() found no PTE and wrote the page out. A CPU with the old translation wrote once more, "
        "and that write was lost.",
        Replay("ref", "taken-for-clean/ipi", TAKEN_BACK, "S15"),
    ),
    Bug(
        "47", 2013, "e6c495a96ce0", "Vineet Gupta",
        "mm: fix the TLB range flushed when __tlb_remove_page() runs out of slots",
        "when the slots run out, what was unmapped so far is not in the range that is flushed",
        "The flush in the middle was given the part that was still to come. The pages that it freed belonged to the "
        "part before. Here that flush is missed out altogether, which is the same for those pages.",
        Replay("mutant:slots_freed_without_a_flush", "nine-pages/nohash", FREED),
    ),
    Bug(
        "48", 2013, "2b047252d087", "Linus Torvalds",
        "Fix TLB gather virtual address range invalidation corner cases",
        "the same, after a limit on batches had made it common",
        "Running out of slots had been rare until a limit was put on how many a gather collects. Then the range, which "
        "was wrong in several such corners, was wrong every day. Ben Tebulin saw memory corrupted.",
        Replay("mutant:slots_freed_without_a_flush", "pages-fill-a-page/hardware-walker/small", FREED),
    ),
    Bug(
        "49", 2013, "53a59fc67f97", "Michal Hocko",
        "mm: limit mmu_gather batching to fix soft lockups on !CONFIG_PREEMPT",
        "a gather collects so many pages that freeing them takes for ever",
        "With memory to spare a gather went on collecting, and a kernel that is not preempted was busy freeing for "
        "longer than its watchdog allows.",
        Outside("Nothing here takes time, and a run has few pages."),
    ),
    Bug(
        "50", 2017, "99baac21e458", "Minchan Kim",
        "mm: fix MADV_[FREE|DONTNEED] TLB flush miss problem",
        "a second gather finds PTEs clear that the first has yet to flush, and ends without a flush",
        "Two tasks discard the same range, with mmap_lock held for reading. The second has nothing to do, so its gate "
        "stays shut. Its caller believes the pages to be gone while some CPU can write to them. The seed has it.",
        Replay("ref", "two-gathers-same-pages/hardware-walker", RANGE, "S13"),
    ),
    Bug(
        "51", 2017, "4647706ebeee", "Mel Gorman",
        "mm: always flush VMA ranges affected by zap_page_range",
        "the same, from another caller",
        "zap_page_range() trusted its gather to know whether there was anything to flush. For a while it flushed in "
        "any case, until the gather itself learned of others.",
        Replay("ref", "two-gathers-one-cpu-same-pages/hardware-walker", RANGE, "S13"),
    ),
    Bug(
        "53", 2019, "02390f66bd23", "Aneesh Kumar K.V",
        "powerpc/64s/radix: Fix MADV_[FREE|DONTNEED] TLB flush miss problem with THP",
        "the flush that makes up for another gather takes pages of one size only",
        "The cure of 50 flushes the range once more. On radix a flush of a range is of one page size, and the other "
        "gather may have unmapped a huge page.",
        Outside(
            "All translations that a gather drops are of one size, and the era has no such second flush.",
            "two-gathers-same-pages",
        ),
    ),
    Bug(
        "55", 2017, "3ea277194daa", "Mel Gorman",
        "mm, mprotect: flush TLB if potentially racing with a parallel reclaim leaving stale TLB entries",
        "reclaim puts a flush off, and whoever comes next sees the PTE clear and does not flush",
        "Reclaim clears PTEs and flushes for many of them at a time. mprotect() in between found them clear and "
        "counted them as done. Here reclaim is the first gather and mprotect the second.",
        Replay("ref", "two-gathers-same-pages/ipi", RANGE, "S13"),
    ),
    Bug(
        "56", 2013, "20841405940e", "Rik van Riel",
        "mm: fix TLB flush race between migration, and change_protection_range",
        "a page is copied while a CPU writes to it through a translation that is no longer allowed",
        "A range was made inaccessible to see who uses it, and flushed at its end. Migration found such a PTE, took "
        "the page to be quiet, and copied it.",
        Outside(
            "A PTE here is there or not: it has no protection that could change, and pages have no content to be "
            "copied.",
            "two-gathers-same-pages",
        ),
    ),
    Bug(
        "57", 2018, "eb66ae030829", "Linus Torvalds",
        "mremap: properly flush TLB before releasing the page",
        "a page is moved to another address, freed from there, and still mapped at the first in a TLB",
        "mremap() moved a PTE and flushed the old address after it had let the locks go. truncate() found the page at "
        "its new address, flushed that one and freed it.",
        Outside("A page is mapped at one address as long as it lives, and nobody moves a PTE.", "access"),
    ),
    Bug(
        "58", 2016, "5d1904204c99", "Aaron Lu",
        "mremap: fix race between mremap() and page cleanning",
        "a page is cleaned at its new address while it is written at the old one",
        "The same gap as in 57. What is lost is a write, since cleaning finds the dirty bit of the new PTE only.",
        Outside("There is no dirty bit, and nobody moves a PTE.", "access-own-cpu"),
    ),
    Bug(
        "59", 2017, "687cb0884a71", "Wang Nan",
        "mm, oom_reaper: gather each vma to prevent leaking TLB entry",
        "a gather says that it is of the whole mm while threads are still running",
        "The reaper of a killed process began a gather of the whole mm, since all of it goes. arm64 does not "
        "invalidate then: nobody runs such an mm any more, and its ASID is not used again. The victim's threads "
        "had not stopped yet.",
        Replay("ref:v6.12", "whole-mm-in-use/arm64", "gather.whole-mm-unused"),
    ),
    Bug(
        "60", 2022, "b67fbebd4cf9", "Peter Zijlstra",
        "mmu_gather: Force tlb-flush VM_PFNMAP vmas",
        "a driver frees pages that no reverse map shows any more and a TLB still does",
        "munmap() clears PTEs, takes the VMA out of the reverse maps and flushes at the end. A driver that wants its "
        "pages back finds no mapping, and pages of that kind have no count that would keep them. CVE-2022-39188.",
        Replay("ref", "taken-back/nohash", TAKEN_BACK, "S14"),
    ),
    Bug(
        "62", 2022, "5df397dec7c4", "Linus Torvalds",
        "mm: delay page_remove_rmap() until after the TLB has been flushed",
        "a page leaves the reverse maps before the flush, and is cleaned behind a writer's back",
        "The rest of 44. Cleaning skips a page that nobody maps; a CPU with the old translation still writes to it.",
        Replay("ref", "taken-for-clean/hardware-walker", TAKEN_BACK, "S15"),
    ),
    Bug(
        "63", 2018, "fd1102f0aade", "Nicholas Piggin",
        "mm: mmu_notifier fix for tlb_end_vma",
        "an architecture flushes early and does not tell the notifiers",
        "Generic code tells secondary MMUs together with its flush. Where an architecture flushed at the end of each "
        "VMA, nothing was left for generic code to flush, nor to tell.",
        Outside("There are no mmu notifiers, and no flush at the end of a VMA.", "hardware-other-cpu"),
    ),
    Bug(
        "64", 2017, "6b31d5955cb2", "Michal Hocko",
        "mm, oom: fix potential data corruption when oom_reaper races with writer",
        "a writer finds a zero page where its data was reaped",
        "After the reaper has unmapped a page, a fault by a thread that is not dead yet brings in an empty one, and "
        "what that thread writes out is not what it had.",
        Outside("It is about what is in a page. Every duty of the gather was kept.", "access"),
    ),
    Bug(
        "65", 2013, "1de14c3c5cbc", "Dave Hansen",
        "x86-32: Fix possible incomplete TLB invalidate with PAE pagetables",
        "an entry of the upper level changes, and the flush leaves what the CPU keeps of it",
        "With PAE the processor holds the four entries of the top level, and a flush by address does not drop them. "
        "Who frees a table below one of them has to flush everything.",
        Replay(
            "mutant:flush_leaves_the_walk_caches", "hardware-pmd-table-two-users/ipi",
            "walk.hardware-never-a-freed-table",
        ),
        verified=False,
    ),
)  # fmt: skip
