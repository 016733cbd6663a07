# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What every event has: where it happened and who did it.

The kinds of event are in `events` (the machine, the caller, the recorder's own), in `serving` (what the kernel does
for a gather), in `walking` (what walkers, hardware, tasks and CPUs do beside it), in `sharing` (what becomes of a
table that several address spaces map) and in `s390_context`; `events` has them all, and is the one to import.
"""

from __future__ import annotations

from enum import Enum

from mmu_gather_spec.record import record


def holds_for_irqs_off(flavour: str, /) -> bool:
    """Whether a grace period of this flavour waits for regions with IRQs or preemption off."""
    return flavour in ("sched", "consolidated")


def holds_for_readers(flavour: str, /) -> bool:
    """Whether a grace period of this flavour waits for rcu_read_lock()."""
    return flavour in ("rcu", "consolidated")


class FaultKind(Enum):
    """What can be wrong with an access; the value is the sentence the user reads."""

    #: `*p` where no page is, or past the end of one
    OUT_OF_PAGE = "an access outside any page"
    #: the page belongs to RCU from call_rcu until the callback
    AFTER_SUBMIT = "a batch was written to after it was handed to RCU"
    #: the page was given back
    AFTER_FREE = "an access to a page that was given back"
    #: one rcu_head, two call_rcu
    DOUBLE_CALL_RCU = "an rcu_head was submitted again before its callback ran"
    #: a callback read or wrote the gather or the mm, which are gone by then
    GATHER_GONE = "a callback used the gather, which is gone by then"


@record(frozen=True, slots=True)
class Event:
    """One thing that happened.  cpu: where; agent: who."""

    cpu: int
    agent: str
