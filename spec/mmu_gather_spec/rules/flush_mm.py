# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""s390's flush_mm: what has to be dropped yet is the mm's affair, and not one gather's.

Every gather on an mm sets the one flag, and the first that flushes clears it for all.  So who finds it clear must be
able to rely on it that the flush of who cleared it is done: context.lock is held over both.  A table that waits for a
grace period would be safe without it, since preemption is off meanwhile; one that waits for an IPI would not.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.events import AnyEvent, Booted, ContextLock, FlushMm, Invalidate
from mmu_gather_spec.rule import REQUIRED, Evidence, Level, Monitor, Rule, Source, Violation, over_time
from mmu_gather_spec.rules.ranges import is_s390


class Locked(NamedTuple):
    """Who holds context.lock, and who has cleared flush_mm and not flushed the mm yet."""

    holders: frozenset[str]
    #: with the context that is to be flushed
    owing: frozenset[tuple[str, int]]


class FlushedUnderTheLock(Monitor[Locked]):
    """flush_mm is cleared with context.lock held, and the lock is kept until the whole mm is flushed."""

    reads = (ContextLock, FlushMm, Invalidate)

    def initial(self, boot: Booted, /) -> Locked:
        return Locked(frozenset(), frozenset())

    def step(self, state: Locked, event: AnyEvent, /) -> Locked | Violation:
        owes = any(agent == event.agent for agent, _ in state.owing)
        match event:
            case FlushMm(on=False) if event.agent not in state.holders:
                return Violation("flush_mm is cleared, and context.lock is not held", event)
            case FlushMm(on=False):
                return state._replace(owing=state.owing | {(event.agent, event.context)})
            case Invalidate(addrs=None, span=None, ind=True):
                return state._replace(owing=state.owing - {(event.agent, event.context)})
            case ContextLock(held=True):
                return state._replace(holders=state.holders | {event.agent})
            case ContextLock() if owes:
                return Violation("flush_mm was cleared, and context.lock is given back before the mm is flushed", event)
            case ContextLock():
                return state._replace(holders=state.holders - {event.agent})
        return state


RULES: Final = (
    Rule(
        id="arch.s390-flushed-under-the-lock",
        row="H10",
        level=Level.MUST,
        sentence=(
            "On s390 flush_mm is cleared with context.lock held, and the whole mm is flushed before that is given back."
        ),
        sources=(
            Source("arch/s390/include/asm/tlbflush.h (6.12), __tlb_flush_mm_lazy", "spin_lock(&mm->context.lock)"),
        ),
        evidence=Evidence.KERNEL,
        monitor=FlushedUnderTheLock(),
        status=over_time({"v5.7": REQUIRED}),
        applies=is_s390,
        where="s390",
    ),
)
