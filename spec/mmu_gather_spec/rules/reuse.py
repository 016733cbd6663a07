# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A shared PMD table that is used for something else: nobody of an address space that has left it reads it any more.

This is what the order of `sharing` is for.  It takes the last other owner, who uses the table anew, and somebody who
walks the address space that has left it: hardware, by what it has cached, or software, by what it has loaded.  Who
walks with IRQs on is not waited for, and that is a duty of his.

Read in the stable series of v6.1 and v6.12.  Unverified for v7.0, but for S21, as in `sharing`.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Final, NamedTuple

from mmu_gather_spec.events import (
    AnyEvent,
    Booted,
    Event,
    HardwareLoad,
    Invalidate,
    ReusePmd,
    WalkBegin,
    WalkEnd,
    WalkLoad,
)
from mmu_gather_spec.rule import (
    REQUIRED,
    Binds,
    Evidence,
    Level,
    Monitor,
    Rule,
    Source,
    Violation,
    as_written,
    over_time,
)
from mmu_gather_spec.rules.reading import Tables
from mmu_gather_spec.rules.sharing import HUGETLB_C, SHARING, STATUS, TLB_H, shares_on_smp


class Reused(NamedTuple):
    """Which tables are something else by now, who walks with IRQs on, and whether arm64 has kept walk caches."""

    tables: Tables
    careless: frozenset[str]
    arm64: bool
    leaves: bool


class _ReuseMonitor(Monitor[Reused]):
    """Follows tables that are used anew, and software walkers."""

    reads: tuple[type[Event], ...] = (ReusePmd, WalkBegin, WalkLoad, WalkEnd)

    def initial(self, boot: Booted, /) -> Reused:
        return Reused(frozenset(), frozenset(), boot.arch == "arm64", False)

    def step(self, state: Reused, event: AnyEvent, /) -> Reused | Violation:
        match event:
            case ReusePmd():
                return state._replace(tables=state.tables | {event.table})
            case WalkBegin(irqs_on=True):
                return state._replace(careless=state.careless | {event.agent})
            case WalkBegin() | WalkEnd():
                return state._replace(careless=state.careless - {event.agent})
            case WalkLoad() if event.table in state.tables:
                return self.read(state, event)
        return state

    @abstractmethod
    def read(self, state: Reused, event: WalkLoad, /) -> Reused | Violation:
        """A walker reads a table that is something else by now: is that wrong?"""

    def about(self, event: AnyEvent, /) -> frozenset[int] | None:
        match event:
            case ReusePmd() | WalkLoad() | HardwareLoad():
                return frozenset({event.table})
        return None


class NeverReused(_ReuseMonitor):
    """Who walks the address space that has left a table never reads it as what it was."""

    reads = (*_ReuseMonitor.reads, HardwareLoad, Invalidate)

    def step(self, state: Reused, event: AnyEvent, /) -> Reused | Violation:
        match event:
            case Invalidate():
                return state._replace(leaves=state.arm64 and not event.ind)
            case HardwareLoad() if event.table in state.tables:
                known = "S21" if state.leaves else None
                return Violation("hardware reads a table that is something else by now", event, erratum=known)
        return super().step(state, event)

    def read(self, state: Reused, event: WalkLoad, /) -> Reused | Violation:
        """A pointer of an earlier walk, and a walker that nobody waits for, are other rules' affairs."""
        if not event.fresh or event.agent in state.careless:
            return state
        return Violation("a walker reads a table that is something else by now", event)


class NotWaitedFor(_ReuseMonitor):
    """The same for a walker that has IRQs on: the wait is for an interrupt, and it may take one in mid-walk."""

    def read(self, state: Reused, event: WalkLoad, /) -> Reused | Violation:
        """Any other is no affair of this rule."""
        if event.agent not in state.careless:
            return state
        return Violation("a walker with IRQs on reads a table that is something else by now", event)


RULES: Final = (
    Rule(
        id="walk.never-a-reused-table",
        row="A16",
        level=Level.MUST,
        sentence=(
            "Neither hardware nor a walker that keeps IRQs off reads a table that its address space has left, once the "
            "last other owner uses it for something else."
        ),
        sources=(Source(HUGETLB_C + " (6.12.117), huge_pmd_unshare_flush", "still be in use by previous sharers"),),
        evidence=Evidence.KERNEL,
        monitor=NeverReused(),
        status=over_time({"v6.1": REQUIRED, "v7.0": as_written("S21")}),
        applies=shares_on_smp,
        where=f"SMP {SHARING}",
    ),
    Rule(
        id="walk.unsharing-is-no-grace-period",
        row="A16",
        level=Level.MUST,
        sentence=(
            "A walker has IRQs off where its address space may leave a table: rcu_read_lock() alone is not waited for."
        ),
        sources=(Source(TLB_H + " (6.12.117), tlb_flush_unshared_tables", "wait for any concurrent GUP-fast"),),
        evidence=Evidence.DERIVED,
        monitor=NotWaitedFor(),
        status=STATUS,
        binds=Binds.WALKER,
        applies=shares_on_smp,
        where=f"SMP {SHARING}",
    ),
)
