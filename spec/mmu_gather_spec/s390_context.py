# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The part of the alphabet that is about s390's context of an mm: a flag that says what is due, and a lock.

Both are the mm's, so that what one gather does to them the other finds.
"""

from __future__ import annotations

from mmu_gather_spec.event import Event
from mmu_gather_spec.record import record


@record(frozen=True, slots=True)
class FlushMm(Event):
    """s390: mm->context.flush_mm was set or cleared; while it is set, who comes to run the mm flushes it first."""

    on: bool
    context: int
    #: the CPUs to which the mm is attached now: others have to come first
    cpus: frozenset[int]


@record(frozen=True, slots=True)
class ContextLock(Event):
    """s390: mm->context.lock was taken or given back; preemption is off while it is held."""

    held: bool
