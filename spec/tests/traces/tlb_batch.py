# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""sparc64's TLB batch: the traces of hash64's, with sparc64's names; two calls take it one inside the other."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mmu_gather_spec.events import Enter, Invalidate, Leave, PutCpuVar

from traces.alphabet import BOOT, CONTEXT, Case, P, Q, enter, leave
from traces.arch_flush import FLUSH, FLUSHED, held, left

EMPTY: Final = "arch.sparc64-flush"
DROPS: Final = "arch.sparc64-batch-drops"
LAZY: Final = "arch.sparc64-waits-in-lazy-mode"
FITS: Final = "arch.sparc64-batch-fits"
SIZE: Final = "arch.sparc64-one-page-size"

SPARC: Final = replace(BOOT, arch="sparc64", era="v6.12", max_pgtable_index_size=0)
ON, OFF = leave("arch_enter_lazy_mmu_mode"), leave("arch_leave_lazy_mmu_mode")
ROOM: Final = tuple(range(0x80000, 0x80000 + 193 * 0x1000, 0x1000))


def tsb(*pages: int, context: int = CONTEXT) -> Invalidate:
    """The entries of these pages leave the TSB."""
    return Invalidate(0, "a", "flush_tsb_user", context, tuple(page << 4 for page in pages), frozenset(), False)


def adds(shift: int, index: int) -> tuple[Enter, PutCpuVar, Leave]:
    """tlb_batch_add() of an entry, after which so many wait."""
    return enter("tlb_batch_add", "mm", 0x100000, "ptep", "ptep", 0, shift), left(index), leave("tlb_batch_add")


CASES: Final = (
    Case(EMPTY, "the batch is looked at and emptied", (FLUSH, held(2), left(0), FLUSHED), boot=SPARC),
    Case(EMPTY, "nobody looks", (FLUSH, FLUSHED), "tlb_flush did not look at this CPU's TLB batch", boot=SPARC),
    Case(
        EMPTY,
        "two entries stay",
        (FLUSH, held(2), left(2), FLUSHED),
        "tlb_flush left 2 entries in this CPU's TLB batch",
        boot=SPARC,
    ),
    Case(
        DROPS,
        "two entries are dropped, one call in another",
        (held(2), held(2), tsb(P, Q), left(0), left(1)),
        boot=SPARC,
    ),
    Case(
        DROPS,
        "the TLBs are no TSB",
        (held(1), replace(tsb(P), op="smp_flush_tlb_page"), left(0)),
        "1 entries left the TLB batch and were not dropped",
        boot=SPARC,
    ),
    Case(
        DROPS,
        "an entry comes in beside one of another mm",
        (held(1, of=2), left(2), held(2)),
        "entries in the TLB batch have become another mm's",
        boot=SPARC,
    ),
    Case(
        LAZY,
        "an entry waits, and is gone when the mode ends",
        (ON, held(0), left(1), held(1), left(0), OFF),
        boot=SPARC,
    ),
    Case(
        LAZY,
        "an entry begins to wait before it",
        (held(0), left(1)),
        "an entry begins to wait in the TLB batch outside lazy MMU mode",
        boot=SPARC,
    ),
    Case(
        LAZY, "it ends too soon", (ON, held(0), left(2), OFF), "lazy MMU mode is left while 2 entries wait", boot=SPARC
    ),
    Case(FITS, "the batch is full", (held(191), left(192), tsb(*ROOM[:192])), boot=SPARC),
    Case(
        FITS, "one more waits", (held(192), left(193)), "193 entries in a TLB batch that has room for 192", boot=SPARC
    ),
    Case(FITS, "one more is flushed", (tsb(*ROOM),), "193 entries in a TLB batch that has room for 192", boot=SPARC),
    Case(SIZE, "what waits is flushed before one of another size comes", (*adds(13, 1), *adds(22, 1)), boot=SPARC),
    Case(
        SIZE,
        "a huge page's entry joins a small one's",
        (*adds(13, 1), *adds(22, 2)[:2]),
        "entries of two page sizes wait together in the TLB batch",
        boot=SPARC,
    ),
)
