# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""sparc64's TLB batch: what `lazy_mode` and `arch_flush` say of hash64's, in form the same.

sparc64 took its batch from ppc64.  Entries are dropped from the TSB, from which TLBs are filled, and then from the
TLBs; what is said here is about the first, and that no TLB is forgotten is said for all architectures.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.events import Booted
from mmu_gather_spec.percpu import TLB_BATCH_NR
from mmu_gather_spec.rule import REQUIRED, Evidence, Level, Rule, Source, over_time
from mmu_gather_spec.rules.arch_flush import Hash64Drops, Hash64Flush
from mmu_gather_spec.rules.lazy_mode import BatchFits, OnePageSize, WaitsInLazyMode

BATCH: Final = "TLB batch"


class Waits(WaitsInLazyMode):
    """Nothing begins to wait outside lazy MMU mode, and nothing waits when it is left."""

    batch = BATCH


class OneSize(OnePageSize):
    """Entries that wait together are of one page size."""

    batch = BATCH


class Fits(BatchFits):
    """The batch never holds more entries than it has room for."""

    batch, room, drop = BATCH, TLB_BATCH_NR, "flush_tsb_user"


class Flush(Hash64Flush):
    """tlb_flush looks at this CPU's batch and leaves it empty."""

    batch = BATCH


class Drops(Hash64Drops):
    """An entry leaves the batch only by being dropped from the TSB."""

    batch, drops = BATCH, "flush_tsb"


def is_sparc64(boot: Booted, /) -> bool:
    """sparc64 only."""
    return boot.arch == "sparc64"


TLB_C: Final = "arch/sparc/mm/tlb.c (6.12)"

RULES: Final = tuple(
    Rule(
        id=f"arch.sparc64-{name}",
        row="H5",
        level=Level.MUST,
        sentence=sentence,
        sources=(Source(where, phrase),),
        evidence=Evidence.KERNEL,
        monitor=monitor,
        status=over_time({"v4.19": REQUIRED}),
        applies=is_sparc64,
        where="sparc64",
    )
    for name, sentence, where, phrase, monitor in (
        (
            "flush",
            "On sparc64 tlb_flush() flushes what waits in this CPU's TLB batch and leaves it empty.",
            "arch/sparc/include/asm/tlb_64.h (6.12)",
            "flush_tlb_pending()",
            Flush(),
        ),
        (
            "batch-drops",
            "On sparc64 an entry leaves the TLB batch only by being dropped from the TSB.",
            TLB_C + ", flush_tlb_pending",
            "flush_tsb_user(tb)",
            Drops(),
        ),
        (
            "waits-in-lazy-mode",
            "On sparc64 an entry waits in the TLB batch only in lazy MMU mode, and none waits when that is left.",
            TLB_C + ", tlb_batch_add_one",
            "if (!tb->active)",
            Waits(),
        ),
        (
            "batch-fits",
            "On sparc64 the TLB batch never holds more than TLB_BATCH_NR entries.",
            TLB_C + ", tlb_batch_add_one",
            "nr >= TLB_BATCH_NR",
            Fits(),
        ),
        (
            "one-page-size",
            "On sparc64 entries that wait together in the TLB batch are of one page size.",
            TLB_C + ", tlb_batch_add_one",
            "tb->hugepage_shift != hugepage_shift",
            OneSize(),
        ),
    )
)
