# SPDX-License-Identifier: GPL-2.0-only
"""Fates: what became of each table and each page, and which translations were dropped before.

Two implementations need not make the same events.  They have to agree on what a user of memory could notice:
who frees a table, with which shift, after waiting for whom, and whether the translations to a page were gone by
then.  Where the rules leave a choice a difference is permitted, and names the rule that leaves it: both of
two sufficient waits are right, and so is freeing at once below two users, but only in the run that had read it.

This file reads traces and nothing else.  It must not know ports, scripts or how a trace was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Final

from mmu_gather_spec import events as ev
from mmu_gather_spec.event import holds_for_irqs_off
from mmu_gather_spec.record import field, record
from mmu_gather_spec.rules.reading import freed, given
from mmu_gather_spec.rules.translations import HASH_TABLE, Copy, Stale, stale_after

WAITED: Final = "separation.waited-for-every-cpu"
SHORTCUT: Final = "separation.shortcut-below-two-users"
FLUSHED: Final = "order.page-freed-after-flush"
NOTHING_STALE: Final = "order.nothing-stale-after-finish"
FREED: Final = "progress.eventually-freed"
FREED_ONCE: Final = "batch.freed-exactly-once"
SAME_SHIFT: Final = "encoding.round-trip"
NO_BUG: Final = "progress.bugs-only-with-cause"


class Wait(Enum):
    """What lay between unhooking and freeing; the value completes "it was freed ..."."""

    #: a table: nobody was waited for; a page: a translation to it may still have been in use
    AT_ONCE = "at once"
    #: a page: no translation to it was left
    FLUSH = "after its translations were dropped"
    #: a table: a grace period that regions with IRQs off do not hold back
    WRONG_GRACE_PERIOD = "after a grace period of the wrong kind"
    #: a table: every other CPU was interrupted, and has answered
    IPI = "after an IPI to every other CPU"
    #: a table: a sched grace period that began after it was unhooked
    GRACE_PERIOD = "after a grace period"
    NEVER = "never"


#: Of two waits the stronger one counts.
_STRENGTH: Final = (Wait.AT_ONCE, Wait.WRONG_GRACE_PERIOD, Wait.IPI, Wait.GRACE_PERIOD)


@record(frozen=True, slots=True)
class Fate:
    """What became of one table (t0, t1, ...) or page (p0, p1, ...), by the order in which they were unhooked."""

    name: str
    wait: Wait = Wait.NEVER
    freer: str = "nobody"
    #: how often it was freed: once, if all is well
    times: int = 0
    #: translations to it that may still have been in use when it was first freed
    exposed: frozenset[str] = frozenset()
    #: the rule that lets it be freed after this wait; empty where none does
    by: str = ""


@record(frozen=True, slots=True)
class Fates:
    """All that is compared of one run."""

    things: dict[str, Fate]
    #: translations that may still be in use when the gather that unmapped them has ended
    left: frozenset[str]


@record(frozen=True, slots=True)
class Difference:
    """Two fates of one thing.  rule: the one that leaves it open, or that one of the two does not keep."""

    name: str
    reason: str
    rule: str
    permitted: bool

    def line(self) -> str:
        """In words, for a person."""
        return f"{self.name}: {self.reason} ({'permitted by ' if self.permitted else ''}{self.rule})"


@record(slots=True)
class _Reader:
    """What is known after the events so far."""

    names: dict[int, str] = field(default_factory=dict)
    #: which gather has unmapped a page: another one need not invalidate it
    owners: dict[int, str] = field(default_factory=dict)
    things: dict[str, Fate] = field(default_factory=dict)
    left: frozenset[str] = frozenset()
    stale: Stale = frozenset()
    #: by address of a table
    waits: dict[int, Wait] = field(default_factory=dict)
    #: the tables that were unhooked when an IPI was sent, and the CPUs that have not answered it
    sent: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset())
    #: rcu_head -> the tables that were unhooked when it was submitted
    submitted: dict[int, frozenset[int]] = field(default_factory=dict)
    #: whether mm_users was last read as less than two, since the last table was given
    few_users: bool = False
    #: whether there is only one CPU
    alone: bool = False

    def read(self, event: ev.AnyEvent) -> None:
        """Take one event in."""
        self.stale = stale_after(self.stale, event)
        match event:
            case ev.Booted():
                self.alone = not event.smp
            case ev.NumOnlineCpus():
                self.alone = event.value == 1
            case ev.Unlink():
                self.waits[event.table] = Wait.AT_ONCE
                self._name(event.table, "t")
            case ev.ClearPte():
                self.owners[event.page] = event.agent
                self._name(event.page, "p")
            case ev.Enter() if given(event) is not None:
                self.few_users = False
            case ev.AtomicRead(var="mm_users"):
                self.few_users = event.value < 2
            case ev.Leave(fn="tlb_finish_mmu"):
                self.left |= self._spoken(copy for copy in self.stale if self.owners[copy.page] == event.agent)
            case ev.SmpCallFunction() if event.cpus >= event.online - {event.cpu}:
                self._heard(frozenset(self.waits), event.cpus)
            case ev.IpiAck():
                self._heard(self.sent[0], self.sent[1] - {event.cpu})
            case ev.CallRcu():
                self.submitted[event.head] = frozenset(self.waits)
            case ev.GracePeriod():
                waited = self.submitted.get(event.head, frozenset()) if event.head else frozenset(self.waits)
                self._waited(
                    waited, Wait.GRACE_PERIOD if holds_for_irqs_off(event.flavour) else Wait.WRONG_GRACE_PERIOD
                )
        for address in freed(event):
            if address in self.names:
                self._free(event, address)

    def _name(self, address: int, kind: str) -> None:
        name = f"{kind}{sum(each[0] == kind for each in self.things)}"
        self.names[address] = name
        self.things[name] = Fate(name)

    def _heard(self, tables: frozenset[int], silent: frozenset[int]) -> None:
        self.sent = tables, silent
        if not silent:
            self._waited(tables, Wait.IPI)

    def _waited(self, tables: frozenset[int], wait: Wait) -> None:
        for table in tables:
            self.waits[table] = max(self.waits[table], wait, key=_STRENGTH.index)

    def _free(self, event: ev.AnyEvent, address: int) -> None:
        name = self.names[address]
        before = self.things[name]
        if before.times:
            self.things[name] = Fate(
                name, before.wait, before.freer, before.times + 1, before.exposed, before.by
            )  # fmt: skip
            return
        exposed = self._spoken(copy for copy in self.stale if copy.page == address)
        wait = self.waits.get(address, Wait.AT_ONCE if exposed else Wait.FLUSH)
        self.things[name] = Fate(name, wait, _freer(event), 1, exposed, self._by(name, wait))

    def _by(self, name: str, wait: Wait) -> str:
        """The rule that lets something be freed now."""
        if name[0] == "p":
            # With one CPU the flush may come after the free, as written (S6).
            return FLUSHED if self.alone or wait is Wait.FLUSH else ""
        if wait in (Wait.IPI, Wait.GRACE_PERIOD) or self.alone:
            return WAITED
        return SHORTCUT if self.few_users and wait is Wait.AT_ONCE else ""

    def _spoken(self, stale: Iterable[Copy]) -> frozenset[str]:
        return frozenset(f"{self.names[copy.page]} in {_place(copy)}" for copy in stale)


def _place(copy: Copy) -> str:
    return "the hash table" if copy.cpu == HASH_TABLE else f"the TLB of cpu{copy.cpu}"


def _freer(event: ev.AnyEvent) -> str:
    if isinstance(event, ev.KmemCacheFree):
        return f"PGT_CACHE({event.index})"
    return "the page allocator" if isinstance(event, ev.FreePage) else "free_pages_and_swap_cache"


def fates(trace: Sequence[ev.AnyEvent], /) -> Fates:
    """The fate of everything that was unhooked or unmapped, and the translations that were left."""
    reader = _Reader()
    for event in trace:
        reader.read(event)
    return Fates(reader.things, reader.left)


def compare(one: Sequence[ev.AnyEvent], other: Sequence[ev.AnyEvent], /) -> tuple[Difference, ...]:
    """Where two runs of one scenario differ, in what a user of memory could notice."""
    mine, theirs = fates(one), fates(other)
    names = [*mine.things, *(name for name in theirs.things if name not in mine.things)]
    found = [each for name in names for each in _between(mine.things.get(name), theirs.things.get(name), name)]
    if mine.left != theirs.left:
        reason = f"left when the gather has ended: {_list(mine.left)}, and {_list(theirs.left)}"
        found.append(Difference("translations", reason, NOTHING_STALE, False))
    return tuple(found)


def _between(one: Fate | None, other: Fate | None, name: str) -> Iterator[Difference]:
    """The gravest difference of two fates, if there is one."""
    if one is None or other is None:
        which = "the first" if one is None else "the second"
        yield Difference(name, f"{which} ended before it was unhooked", NO_BUG, False)
    elif one.times != other.times:
        rule = FREED_ONCE if one.times and other.times else FREED
        yield Difference(name, f"freed {_times(one.times)}, and {_times(other.times)}", rule, False)
    elif one.freer != other.freer:
        yield Difference(name, f"freed by {one.freer}, and by {other.freer}", SAME_SHIFT, False)
    elif one.wait is not other.wait:
        yield _waits(one, other)
    elif one.exposed != other.exposed:
        reason = f"freed while these were left: {_list(one.exposed)}, and {_list(other.exposed)}"
        yield Difference(name, reason, FLUSHED, bool(one.by and other.by))


def _waits(one: Fate, other: Fate) -> Difference:
    """Freed after different waits: permitted where a rule lets each of them."""
    reason = f"freed {one.wait.value}, and {other.wait.value}"
    rule = FLUSHED if one.name[0] == "p" else SHORTCUT if SHORTCUT in (one.by, other.by) else WAITED
    permitted = bool(one.by and other.by)
    return Difference(one.name, reason, rule if permitted or rule == FLUSHED else WAITED, permitted)


def _times(times: int) -> str:
    return ("never", "once", "twice")[times] if times < 3 else f"{times} times"


def _list(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
