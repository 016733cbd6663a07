# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The errata: known defects of an era's own code, by number.

A rule that an era's code breaks is `as-written` there and names the erratum.  The numbers are
append-only, as rule ids are.  What each needs to show itself is said here; the traces that show it
are the suite's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from mmu_gather_spec.record import record


def lines(seed: tuple[int, int], /) -> str:
    """Lines of the seed, from the first to the last, in words."""
    first, last = seed
    return f"seed line {first}" if first == last else f"seed lines {first}-{last}"


@record(frozen=True, slots=True)
class Erratum:
    """One known defect."""

    number: str
    title: str
    #: what has to come together for it to do harm
    needs: str
    #: where it does none
    benign: str
    #: seed's lines
    seed: tuple[int, int] | None = None
    #: where the seed does not quote the code: the functions, and their file
    code: str = ""

    @property
    def place(self) -> str:
        """Where the code can be read."""
        return self.code if self.seed is None else lines(self.seed)


ERRATA: Final[dict[str, Erratum]] = {
    erratum.number: erratum
    for erratum in (
        Erratum(
            "S1",
            "below two users a table is freed at once, and invalidated only afterwards",
            "hardware that reads the Linux tables ahead of the program, or on a CPU that holds the mm lazily",
            "where hardware never reads the Linux tables: hash32, hash64",
            (407, 414),
        ),
        Erratum(
            "S2",
            "below two users a table is freed at once, under a walker that holds only mm_count",
            "a kernel thread that has adopted the mm with use_mm(), walking with IRQs off",
            "nowhere, unless such threads are excluded",
            (407, 414),
        ),
        Erratum(
            "S3",
            "when no batch can be had a table is freed after an IPI, but before any invalidation",
            "an allocation that fails, and hardware that caches the entry above the table",
            "where hardware never reads the Linux tables; PTE tables on Book3E, invalidated before they are queued",
            (416, 420),
        ),
        Erratum(
            "S5",
            "a full batch is handed to RCU before the flush; its grace period may end first",
            "a batch that fills, a task that is preempted, and hardware that reads the Linux tables",
            "where hardware never reads the Linux tables: hash32, hash64",
            (425, 426),
        ),
        Erratum(
            "S6",
            "fast mode frees a page before it flushes",
            "one CPU and a second task of the same mm, or a CPU that comes online after the gather began",
            "where a gather cannot be preempted",
            (260, 260),
        ),
        Erratum(
            "S7",
            "need_flush is not initialised: an empty gather may flush",
            "arbitrary content on the stack",
            "everywhere: one flush too many",
            (325, 334),
        ),
        Erratum(
            "S8",
            "a negative shift passes a signed comparison and destroys the pointer",
            "a caller that computes a shift below zero",
            "callers pass constants",
            (59, 64),
        ),
        Erratum(
            "S10",
            "the batching is selected by PPC64 and used by SMP",
            "a build of PPC64 UP, or of PPC32 SMP",
            "the configurations that build",
            (16, 20),
        ),
        Erratum(
            "S11",
            "a PTE page loses its lock before the walkers inside it have been waited for",
            "a walker that takes the lock",
            "walkers of the first eras take none",
            code="__pte_free_tlb(), arch/powerpc/include/asm/pgalloc.h and its like",
        ),
        Erratum(
            "S13",
            "a gather that finds an entry already clear does not flush what another has yet to flush",
            "two gathers over the same addresses, under mmap_sem held for reading",
            "where one task at a time unmaps",
            code="tlb_finish_mmu(), include/asm-generic/tlb.h",
        ),
        Erratum(
            "S14",
            "a VMA of pages that nobody counts leaves the reverse maps before its translations are gone",
            "a driver that takes its pages back with unmap_mapping_range()",
            "where an entry is dropped as it is cleared, or when lazy mode ends: hash32 with a hash table, hash64",
            code="tlb_end_vma(), include/asm-generic/tlb.h",
        ),
        Erratum(
            "S15",
            "a dirty page loses its reverse map while another CPU may still write to it",
            "a page of a file, written to through a stale translation and cleaned by page_mkclean() meanwhile",
            "where an entry is dropped as it is cleared: hash32 with a hash table",
            code="zap_pte_range(), mm/memory.c",
        ),
        Erratum(
            "S19",
            "of a whole mm the range is never empty, so that its gate never closes: what was flushed is flushed again",
            "a gather of a whole mm, on an arch that invalidates before tables go",
            "everywhere: one flush too many",
            code="__tlb_reset_range(), include/asm-generic/tlb.h",
        ),
        Erratum(
            "S20",
            "a range has the size of an unsigned int: what a large PMD table maps comes to 0, and nothing is flushed",
            "arm64 with pages of 16K, where a PMD table of huge pages maps 64G, and address spaces that share one",
            "with pages of 4K, where it maps 1G",
            code="__tlb_adjust_range(), include/asm-generic/tlb.h",
        ),
        Erratum(
            "S21",
            "arm64 keeps the walk cache where a shared table was left, since no table was freed",
            "hardware that has cached the way to a PMD table, which its last other owner then uses for something else",
            "where a flush always takes the walk cache along: x86",
            code="tlb_flush(), arch/arm64/include/asm/tlb.h",
        ),
    )
}

#: What the notes on the seed list besides, and what became of it.
EXPLAINED: Final[dict[str, str]] = {
    "S4": (
        "The fallback does not protect walkers that only hold rcu_read_lock() or have preemption off.  The seed says "
        "so itself: it is the walkers' rule walk.fallback-is-no-grace-period, and since v7.0 they are protected."
    ),
    "S9": (
        "A table whose low bits are not clear is freed as something else, and nothing checks that.  It is the caller's "
        "rule encoding.table-aligned, and the scenario misaligned-table breaks it."
    ),
    "S12": (
        "Where users leave in mid-gather, a later table is freed before an earlier one.  No rule asks for an order "
        "between tables; batch.insertion-order says that nobody may rely on one."
    ),
    "S16": "How often no batch could be had is not counted any more.  Nothing that is judged here hangs on the count.",
    "S17": "How much may wait for a grace period has no bound in any era, so that no run can exceed one.",
    "S18": (
        "mm_users is read without a barrier behind the unhooking.  It takes a store buffer on each side; memory is "
        "sequentially consistent here, and the litmus users-read-before-unlink-is-seen is outside the model."
    ),
}


def in_order(numbers: Iterable[str], /) -> list[str]:
    """Numbers of errata in their order: S2 comes before S13."""
    return sorted(numbers, key=lambda number: int(number[1:]))
