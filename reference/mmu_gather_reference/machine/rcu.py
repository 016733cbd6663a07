# SPDX-License-Identifier: GPL-2.0-only
"""RCU: callbacks wait for a grace period, and a grace period waits for nobody longer than it must.

A sched grace period may end once every region with IRQs or preemption off that was open at
call_rcu_sched() has closed.  This file keeps the callbacks; who has such a region open is
told to it.  It does not choose when a grace period ends: that is an answer of the script.
"""

from __future__ import annotations

from collections.abc import Callable

from mmu_gather_spec.event import holds_for_irqs_off
from mmu_gather_spec.record import record


@record(slots=True)
class Callback:
    """One call_rcu that has not run yet."""

    head: int
    func: Callable[[], None]
    flavour: str
    #: whether its grace period shall end as soon as it may
    early: bool
    #: where in the trace its call_rcu is
    position: int


class Rcu:
    """Callbacks in the order of their submission."""

    def __init__(self) -> None:
        self.waiting: list[Callback] = []

    def submit(self, callback: Callback, /) -> bool:
        """Queue a callback; False if its head is queued already."""
        fresh = all(other.head != callback.head for other in self.waiting)
        self.waiting.append(callback)
        return fresh

    def take(self, *, early_only: bool, held_back: bool) -> Callback | None:
        """The next callback whose grace period may end now.

        held_back: this task has a region open that a sched grace period waits for.
        """
        for index, callback in enumerate(self.waiting):
            if early_only and not callback.early:
                continue
            if held_back and holds_for_irqs_off(callback.flavour):
                continue
            return self.waiting.pop(index)
        return None
