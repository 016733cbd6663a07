# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A whole mm goes: who may still use it."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.events import Access, AccessFault, HardwareLoad, TlbFill

from traces.alphabet import Case, P, T, enter, leave

RULE: Final = "gather.whole-mm-unused"

BROKEN: Final = "a gather of the whole mm has begun, and a thread still runs"
USE: Final = Access(1, "task", P)
WHOLE: Final = enter("tlb_gather_mmu_fullmm", "tlb", "mm")

CASES: Final = (
    Case(RULE, "it was used before", (USE, WHOLE, leave("tlb_finish_mmu"))),
    Case(RULE, "not all of it goes", (enter("tlb_gather_mmu", "tlb", "mm"), USE)),
    Case(RULE, "a part of it goes", (enter("tlb_gather_mmu", "tlb", "mm", 0x1000, 0x2000), USE)),
    Case(RULE, "a part of it goes, in the seed's words", (enter("tlb_gather_mmu", "tlb", "mm", 0), USE)),
    Case(RULE, "hardware speculates", (WHOLE, TlbFill(1, "mmu", P), HardwareLoad(1, "mmu", T))),
    Case(RULE, "it is used", (WHOLE, USE), BROKEN),
    Case(RULE, "it is used, and nothing is found", (WHOLE, AccessFault(1, "task", P)), BROKEN),
    Case(RULE, "it is used when all is over", (WHOLE, leave("tlb_finish_mmu"), USE), BROKEN),
    Case(RULE, "a range of everything", (enter("tlb_gather_mmu", "tlb", "mm", 0, (1 << 64) - 1), USE), BROKEN),
    Case(RULE, "the seed's words", (enter("tlb_gather_mmu", "tlb", "mm", 1), USE), BROKEN),
    Case(RULE, "the words before it", (enter("tlb_gather_mmu", "mm", 1), USE), BROKEN),
)
