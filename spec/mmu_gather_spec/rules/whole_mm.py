# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A gather of a whole mm: its caller says that nobody uses the mm any more, and everything rests on that.

arm64 does not invalidate what translates then: its ASID is given to no other mm before the whole TLB is flushed, which
is the ASID allocator's doing.  s390 does not invalidate an entry when it is cleared then.  No port can see that the
caller is wrong; the thread that still runs finds its translations, and behind them pages that were freed.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.events import Access, AccessFault, AnyEvent, Booted, Enter
from mmu_gather_spec.rule import REQUIRED, Binds, Evidence, Level, Monitor, Rule, Source, Violation, over_time
from mmu_gather_spec.rules.reading import BEGINNERS, of_whole_mm


def begins_whole(event: Enter, /) -> bool:
    """Whether a gather of a whole mm begins, in whichever era: up to v3.0 the last argument says so."""
    if event.fn not in BEGINNERS:
        return False
    return of_whole_mm(event) or (len(event.args) < 4 and event.args[-1:] == (1,))


class WholeMmUnused(Monitor[bool]):
    """When a gather of a whole mm has begun, no task reaches for the memory of that mm any more."""

    reads = (Enter, Access, AccessFault)

    def initial(self, boot: Booted, /) -> bool:
        return False

    def step(self, state: bool, event: AnyEvent, /) -> bool | Violation:
        match event:
            case Enter():
                return state or begins_whole(event)
            case Access() | AccessFault() if state:
                return Violation("a gather of the whole mm has begun, and a thread still runs", event)
        return state


RULES: Final = (
    Rule(
        id="gather.whole-mm-unused",
        row="G4",
        level=Level.MUST,
        sentence="When a gather of a whole mm is begun, nobody uses the mm any more.",
        sources=(
            Source("mm/mmu_gather.c (6.12), tlb_gather_mmu_fullmm", "@mm is without users"),
            Source("arch/arm64/include/asm/tlb.h (6.12), tlb_flush", "the ASID allocator won't"),
        ),
        evidence=Evidence.KERNEL,
        monitor=WholeMmUnused(),
        status=over_time({"v3.0": REQUIRED}),
        binds=Binds.CALLER,
    ),
)
