# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Shared PMD tables of huge pages: who leaves one is out of it before the mapping's lock lets others in.

A table that is left is not freed, and no grace period passes for it.  When its last other owner uses it for something
else, whoever still reads it as what it was is as wrong as with a freed one.  So the way to it, and what was read in
it, is invalidated under the lock, whoever owns it then; and where one owns it alone, walkers are waited for, too.
Whether somebody was in it after all is not asked here; `reuse` asks that.

Read in the stable series of v6.1 and v6.12, with S20.  The text of v7.0 was not at hand: it is taken to be the same,
unverified, but for S21, which was mended after it and before the stable series took the rest over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple, TypeAlias

from mmu_gather_spec.arch import ARCHS
from mmu_gather_spec.event import holds_for_irqs_off
from mmu_gather_spec.events import (
    AnyEvent,
    Booted,
    Enter,
    Event,
    GracePeriod,
    Invalidate,
    IpiAck,
    Leave,
    SmpCallFunction,
    UnlockMapping,
    UnsharePmd,
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

#: What an unsigned int holds.
UINT_MAX: Final = 0xFFFFFFFF
#: The call behind which nothing of an unshared table may be left.
FLUSH: Final = "tlb_flush_unshared_tables"


class Left(NamedTuple):
    """What one CPU may still have of a table that a gather has left."""

    agent: str
    table: int
    context: int
    cpu: int
    #: the way to the table, and not a translation that was read in it
    way: bool
    #: which addresses that is about: from the first to the one behind the last
    span: tuple[int, int]


Lefts: TypeAlias = frozenset[Left]


class Flushing(NamedTuple):
    """Whether hardware walks PMD tables here, whether it is arm64's, and what is left."""

    walks: bool
    arm64: bool
    lefts: Lefts


class FlushedInTime(Monitor[Flushing]):
    """When the call returns no CPU has anything of a table that was left.  The flush may come in several parts."""

    reads: tuple[type[Event], ...] = (UnsharePmd, Invalidate, Leave)

    def initial(self, boot: Booted, /) -> Flushing:
        return Flushing("pmd" in ARCHS[boot.arch].hw_walks_linux_tables, boot.arch == "arm64", frozenset())

    def step(self, state: Flushing, event: AnyEvent, /) -> Flushing | Violation:
        lefts = state.lefts
        match event:
            case UnsharePmd():
                places = [(cpu, False) for cpu in event.used] + [(cpu, True) for cpu in event.cpus if state.walks]
                more = (Left(event.agent, event.table, event.context, *place, event.span) for place in places)
                return state._replace(lefts=lefts.union(more))
            case Invalidate():
                return state._replace(lefts=frozenset(rest for left in lefts for rest in _after(left, event)))
            case Leave() if event.fn == FLUSH and (own := sorted(left for left in lefts if left.agent == event.agent)):
                what = "the way to" if own[0].way else "a translation of"
                reason = f"cpu{own[0].cpu} may still hold {what} a table that was left"
                return Violation(reason, event, erratum=_known(own, arm64=state.arm64))
        return state


def _known(own: list[Left], *, arm64: bool) -> str | None:
    """The erratum: a table that maps more than an unsigned int holds is left whole, or arm64's walk caches."""
    if all(left.span[1] - left.span[0] > UINT_MAX for left in own):
        return "S20"
    return "S21" if arm64 and all(left.way for left in own) else None


def _after(left: Left, event: Invalidate) -> Iterator[Left]:
    """What is left of it behind an invalidation."""
    reached = event.context in (-1, left.context) and left.cpu in event.cpus and (event.ind or not left.way)
    if not reached or event.addrs is not None:
        yield left
    elif event.span is not None:
        for span in (
            (left.span[0], min(left.span[1], event.span[0])),
            (max(left.span[0], event.span[1]), left.span[1]),
        ):
            if span[0] < span[1]:
                yield left._replace(span=span)


class Waits(NamedTuple):
    """Tables that one owner has alone now, by the gather that left them, and whom IPIs still wait for."""

    waiting: frozenset[tuple[str, int]]
    #: as `waiting` was at each IPI to every other CPU, with those that have not answered since
    sent: frozenset[tuple[frozenset[tuple[str, int]], frozenset[int]]]


class WaitedInTime(Monitor[Waits]):
    """When the call returns every other CPU has been seen with IRQs on since a table fell to one owner."""

    reads: tuple[type[Event], ...] = (UnsharePmd, SmpCallFunction, IpiAck, GracePeriod, Leave)

    def initial(self, boot: Booted, /) -> Waits:
        return Waits(frozenset(), frozenset())

    def step(self, state: Waits, event: AnyEvent, /) -> Waits | Violation:
        match event:
            case UnsharePmd() if event.others == 1:
                return state._replace(waiting=state.waiting | {(event.agent, event.table)})
            case SmpCallFunction() if event.cpus >= event.online - {event.cpu}:
                return self._heard(state, {*state.sent, (state.waiting, event.cpus)})
            case IpiAck():
                return self._heard(state, {(tables, silent - {event.cpu}) for tables, silent in state.sent})
            case GracePeriod(head=0) if holds_for_irqs_off(event.flavour):
                return Waits(frozenset(), frozenset())
            case Leave() if event.fn == FLUSH and any(agent == event.agent for agent, _ in state.waiting):
                return Violation("a table is another's alone, and no walker was waited for since it was left", event)
        return state

    @staticmethod
    def _heard(state: Waits, sent: set[tuple[frozenset[tuple[str, int]], frozenset[int]]]) -> Waits:
        """Where the last CPU has answered, its tables are safe."""
        safe = frozenset[tuple[str, int]]().union(*(tables for tables, silent in sent if not silent))
        return Waits(state.waiting - safe, frozenset((tables - safe, silent) for tables, silent in sent if silent))


class FlushedBeforeUnlock(Monitor[frozenset[str]]):
    """For callers: between leaving a table and dropping the lock there is the call."""

    reads: tuple[type[Event], ...] = (UnsharePmd, UnlockMapping, Enter)

    def initial(self, boot: Booted, /) -> frozenset[str]:
        return frozenset()

    def step(self, state: frozenset[str], event: AnyEvent, /) -> frozenset[str] | Violation:
        own = {event.agent}
        match event:
            case UnsharePmd():
                return state | own
            case Enter() if event.fn == FLUSH:
                return state - own
            case UnlockMapping() if event.agent in state:
                return Violation("the mapping is unlocked, and a table was left without the flush", event)
        return state


def shares_tables(boot: Booted, /) -> bool:
    """Where address spaces share PMD tables."""
    return ARCHS[boot.arch].shares_pmd_tables


def shares_on_smp(boot: Booted, /) -> bool:
    """And another CPU can walk."""
    return boot.smp and shares_tables(boot)


TLB_H: Final = "include/asm-generic/tlb.h"
HUGETLB_C: Final = "mm/hugetlb.c"
#: Since gathers unshare tables: in the stable series of these eras.
STATUS: Final = over_time({"v6.1": REQUIRED})
SHARING: Final = "architectures that share PMD tables"

RULES: Final = (
    Rule(
        id="order.unshared-flushed-in-time",
        row="A16",
        level=Level.MUST,
        sentence=(
            "When tlb_flush_unshared_tables() returns, no CPU holds the way to a table that was left, or a translation "
            "that was read in it, whoever still shares it; nothing of that is put off to tlb_finish_mmu()."
        ),
        sources=(Source(TLB_H + " (6.12.117), tlb_flush_unshared_tables", "flush the TLB for the unsharer now"),),
        evidence=Evidence.KERNEL,
        monitor=FlushedInTime(),
        status=over_time({"v6.1": as_written("S20"), "v7.0": as_written("S20", "S21")}),
        applies=shares_tables,
        where=SHARING,
    ),
    Rule(
        id="separation.unshared-waited-for",
        row="A16",
        level=Level.MUST,
        sentence=(
            "Where a table that was left is now another's alone, tlb_flush_unshared_tables() returns only after every "
            "other CPU has been seen with IRQs on since."
        ),
        sources=(Source(TLB_H + " (6.12.117), tlb_flush_unshared_tables", "wait for any concurrent GUP-fast"),),
        evidence=Evidence.KERNEL,
        monitor=WaitedInTime(),
        status=STATUS,
        applies=shares_on_smp,
        where=f"SMP {SHARING}",
    ),
    Rule(
        id="order.unshared-flushed-before-unlock",
        row="A16",
        level=Level.MUST,
        sentence=(
            "A caller that has left a shared table calls tlb_flush_unshared_tables() before it drops the lock of the "
            "mapping."
        ),
        sources=(Source(HUGETLB_C + " (6.12.117), huge_pmd_unshare", "before dropping the"),),
        evidence=Evidence.KERNEL,
        monitor=FlushedBeforeUnlock(),
        status=STATUS,
        binds=Binds.CALLER,
        applies=shares_tables,
        where=SHARING,
    ),
)
