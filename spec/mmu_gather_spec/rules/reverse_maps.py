# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Reverse maps: what others find a page by does not go while somebody may still reach the page.

Who takes a page away, or takes it for clean, looks for its mappings first.  A mapping that cannot be found any
more and is still in a TLB is one that he has missed.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.events import AnyEvent, Booted, DetachVma, RemoveRmap
from mmu_gather_spec.rule import (
    REQUIRED,
    Evidence,
    Level,
    Monitor,
    Rule,
    Source,
    Violation,
    as_written,
    on_smp,
    over_time,
)
from mmu_gather_spec.rules.translations import READS as TRANSLATIONS
from mmu_gather_spec.rules.translations import Stale, of_gather, place, stale_after


class FlushedBeforeDetach(Monitor[Stale]):
    """A mapping of pages that nobody counts leaves the reverse maps without a live translation."""

    reads = (*TRANSLATIONS, DetachVma)

    def initial(self, boot: Booted, /) -> Stale:
        return frozenset()

    def step(self, state: Stale, event: AnyEvent, /) -> Stale | Violation:
        if isinstance(event, DetachVma):
            if event.pfn and (left := of_gather(state, event.agent)):
                reason = f"a VMA of pages that nobody counts is detached, and {place(left[0])} may still reach them"
                return Violation(reason, event, erratum="S14")
            return state
        return stale_after(state, event)


class RmapAfterFlush(Monitor[Stale]):
    """A dirty page keeps its reverse map as long as it can be written to."""

    reads = (*TRANSLATIONS, RemoveRmap)

    def initial(self, boot: Booted, /) -> Stale:
        return frozenset()

    def step(self, state: Stale, event: AnyEvent, /) -> Stale | Violation:
        if isinstance(event, RemoveRmap):
            left = sorted(copy.cpu for copy in state if event.dirty and copy.page in event.pages)
            if left:
                reason = f"a dirty page can no longer be found, and {place(left[0])} may still write to it"
                return Violation(reason, event, erratum="S15")
            return state
        return stale_after(state, event)


TLB_H: Final = "include/asm-generic/tlb.h"
MMU_GATHER_C: Final = "mm/mmu_gather.c"

RULES: Final = (
    Rule(
        id="order.pfn-flushed-before-detach",
        row="A13",
        level=Level.MUST,
        sentence=(
            "A VMA whose pages the mm keeps no count of is flushed before it leaves the reverse maps: its owner would "
            "take the pages for unmapped."
        ),
        sources=(Source(TLB_H + " (6.12), tlb_end_vma", "VM_PFNMAP is more fragile"),),
        evidence=Evidence.KERNEL,
        monitor=FlushedBeforeDetach(),
        status=over_time({"v2.6.37": as_written("S14"), "v6.1": REQUIRED}),
    ),
    Rule(
        id="order.rmap-removed-after-flush",
        row="A14",
        level=Level.MUST,
        sentence="A dirty page keeps its reverse map until no translation is left through which it may be written to.",
        sources=(Source(MMU_GATHER_C + " (6.12), tlb_flush_rmaps", "after we have flushed the TLB"),),
        evidence=Evidence.KERNEL,
        monitor=RmapAfterFlush(),
        status=over_time({"v2.6.37": as_written("S15"), "v6.12": REQUIRED}),
        applies=on_smp,
        where="SMP",
    ),
)
