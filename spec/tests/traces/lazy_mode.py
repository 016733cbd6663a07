# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A hash entry waits in lazy MMU mode, and at no other time."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.events import Enter, Leave, PutCpuVar

from traces.alphabet import Case, enter, invalidate, leave
from traces.arch_flush import held, left

LAZY: Final = "arch.hash64-waits-in-lazy-mode"
ON, OFF = leave("arch_enter_lazy_mmu_mode"), leave("arch_leave_lazy_mmu_mode")

FITS: Final = "arch.hash64-batch-fits"
ROOM: Final = tuple(range(0x80000, 0x80000 + 193 * 0x1000, 0x1000))

SIZE: Final = "arch.hash64-one-page-size"


def adds(huge: int, index: int) -> tuple[Enter, PutCpuVar, Leave]:
    """hpte_need_flush() of an entry, after which so many wait."""
    return enter("hpte_need_flush", "mm", 0x100000, "ptep", huge), left(index), leave("hpte_need_flush")


CASES: Final = (
    Case(LAZY, "an entry waits, and is gone when the mode ends", (ON, held(0), left(1), held(1), left(0), OFF)),
    Case(LAZY, "what waited before is taken along", (held(1), left(1))),
    Case(LAZY, "nothing waits outside it", (ON, OFF, held(0), left(0))),
    Case(
        LAZY,
        "an entry begins to wait before it",
        (held(0), left(1)),
        "an entry begins to wait in the hash batch outside lazy MMU mode",
    ),
    Case(
        LAZY,
        "an entry begins to wait after it",
        (ON, held(0), left(0), OFF, held(0), left(1)),
        "an entry begins to wait in the hash batch outside lazy MMU mode",
    ),
    Case(LAZY, "it ends too soon", (ON, held(0), left(2), OFF), "lazy MMU mode is left while 2 entries wait"),
    Case(FITS, "the batch is full", (held(191), left(192), invalidate("flush_hash_range", pages=ROOM[:192]))),
    Case(FITS, "one more waits", (held(192), left(193)), "193 entries in a hash batch that has room for 192"),
    Case(
        FITS,
        "one more was there when it is flushed",
        (invalidate("flush_hash_range", pages=ROOM),),
        "193 entries in a hash batch that has room for 192",
    ),
    Case(SIZE, "two of a size wait", (*adds(0, 1), *adds(0, 2))),
    Case(SIZE, "what waits is flushed before one of another size comes", (*adds(0, 1), *adds(1, 1))),
    Case(SIZE, "the batch is emptied by somebody else", (*adds(0, 2), held(2), left(0), *adds(1, 1), *adds(1, 2))),
    Case(
        SIZE,
        "a huge page's entry joins a small one's",
        (*adds(0, 1), *adds(1, 2)[:2]),
        "entries of two page sizes wait together in the hash batch",
    ),
)
