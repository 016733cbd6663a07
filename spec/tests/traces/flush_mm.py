# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""s390: who clears flush_mm, and until when it holds the lock."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.events import ContextLock, FlushMm, Invalidate

from traces.alphabet import BOTH_CPUS, CONTEXT, Case, invalidate
from traces.ranges import IDTE

RULE: Final = "arch.s390-flushed-under-the-lock"

LOCK, UNLOCK = ContextLock(0, "a", True), ContextLock(0, "a", False)
DUE, DONE = FlushMm(0, "a", True, CONTEXT, BOTH_CPUS), FlushMm(0, "a", False, CONTEXT, BOTH_CPUS)
ALL: Final = invalidate("flush_tlb_bcast", ind=True)
SPAN: Final = Invalidate(0, "a", "flush_tlb_range_bcast", CONTEXT, None, BOTH_CPUS, True, (0x5000, 0x6000))

CASES: Final = (
    Case(RULE, "cleared and flushed with the lock held", (DUE, LOCK, DONE, ALL, UNLOCK), boot=IDTE),
    Case(RULE, "nothing is due", (LOCK, UNLOCK), boot=IDTE),
    Case(RULE, "set without the lock", (DUE,), boot=IDTE),
    Case(RULE, "no lock", (DUE, DONE), "flush_mm is cleared, and context.lock is not held", boot=IDTE),
    Case(
        RULE,
        "another's lock",
        (ContextLock(1, "b", True), DONE),
        "flush_mm is cleared, and context.lock is not held",
        boot=IDTE,
    ),
    Case(
        RULE,
        "given back too soon",
        (LOCK, DONE, UNLOCK),
        "flush_mm was cleared, and context.lock is given back before the mm is flushed",
        boot=IDTE,
    ),
    Case(
        RULE,
        "a range is not the mm",
        (LOCK, DONE, SPAN, UNLOCK),
        "flush_mm was cleared, and context.lock is given back before the mm is flushed",
        boot=IDTE,
    ),
    Case(
        RULE,
        "another mm is not this one",
        (LOCK, DONE, invalidate("flush_tlb_bcast", context=2, ind=True), UNLOCK),
        "flush_mm was cleared, and context.lock is given back before the mm is flushed",
        boot=IDTE,
    ),
)
