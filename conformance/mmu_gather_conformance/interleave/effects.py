# SPDX-License-Identifier: GPL-2.0-only
"""What each action means to the machine: when it may happen, and what it changes.

The machine is a set of small variables, by name: whether a table is linked, a page mapped, an entry cached on a
CPU; who has IRQs off; whom a grace period or an IPI still waits for.  An effect is a guard over them and an
update.  That is the whole of the machine's law, and it is one table.

Two of its lines are the reason for the mechanism.  An IPI is answered only where IRQs are on, so who waits for
it has waited for every walker.  A broadcast invalidation asks nobody, so who waits for that has not.

A guard can be left out by name.  That is for tests: each must turn some verdict.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, TypeAlias

from mmu_gather_spec import events as ev
from mmu_gather_spec.event import holds_for_irqs_off, holds_for_readers
from mmu_gather_spec.record import field, record

from mmu_gather_conformance.interleave.automaton import (
    Act,
    Action,
    Await,
    Send,
    Submit,
    Synchronize,
    Synchronized,
    cpu_of,
)

if TYPE_CHECKING:
    from mmu_gather_conformance.interleave.players import Player

#: A variable of the machine, by what it is about: ("linked", table), ("irqs off", agent), ...
Variable: TypeAlias = tuple[str | int, ...]
#: The counter of the mm's users.
USERS: Final[Variable] = ("mm_users",)

#: Whether a BUG() has taken the machine along.
HALTED: Final[Variable] = ("halted",)
#: Whether i_mmap_rwsem is held by who leaves shared tables.
MAPPING: Final[Variable] = ("mapping lock",)

#: s390: whether something of the mm has to be dropped yet, and whether somebody has the lock of its context.
FLUSH_MM: Final[Variable] = ("flush_mm",)
CONTEXT_LOCK: Final[Variable] = ("context.lock",)

#: The guards, and what each says.
GUARDS: Final = {
    "entry": "an entry is found as it is: linked, or empty",
    "pte": "a PTE is found as it is, present or clear; and a locked one stays as it is",
    "hash": "a TLB of a hash arch is filled from the hash table only",
    "walk-cache": "hardware reads a table only through what its walk cache holds",
    "rmap": "a mapping is found through the reverse maps as long as it is in them",
    "tlb": "an access goes only through what the TLB holds",
    "users": "mm_users is read as what it is",
    "pending": "another gather is found pending on the mm where one is, and only there",
    "online": "num_online_cpus() counts the CPUs that are online, and only those run",
    "halted": "nobody does anything after a BUG() in an interrupt or with IRQs off",
    "grace-period": "a grace period ends when the regions have closed that were open when it was asked for",
    "await": "an IPI is waited for until every target has answered",
    "irqs": "an IPI is answered only where IRQs are on",
    "cpu": "a task runs only while no other task of its CPU has IRQs or preemption off, or keeps the CPU to its end",
    "lock": "the lock of a PTE table is held by one task at a time",
    "sharing": "a shared table is used for something else by who owns it alone, while the mapping's lock is free",
    "flush-mm": "flush_mm of s390 is found as the last one has left it",
    "context-lock": "context.lock of s390 is held by one task at a time",
    "switch": "on s390 a task comes to run in a gather's place only when nothing of the mm is due",
}


@record(frozen=True, slots=True)
class Effect:
    """A guarded update.  All of it happens at once, or none."""

    guard: tuple[tuple[Variable, int], ...] = ()
    sets: tuple[tuple[Variable, int], ...] = ()
    #: pairs of variables: the second becomes what the first was
    copies: tuple[tuple[Variable, Variable], ...] = ()
    #: what is added to mm_users
    users: int = 0


@record(slots=True)
class Machine:
    """The facts of the machine that effects depend on, and whom a wait is for."""

    players: list[Player]
    #: whether TLBs are filled from a hash table
    hashed: bool
    #: tables and pages that exist, and CPUs that may have something cached
    tables: frozenset[int] = frozenset()
    pages: dict[int, int] = field(default_factory=dict)
    #: by gather: the pages that it unmaps
    unmaps: dict[str, frozenset[int]] = field(default_factory=dict)
    #: CPUs that are not online at first
    offline: frozenset[int] = frozenset()
    #: how many are
    online: int = 2
    #: grace periods that may be asked for: agent and slot
    waits: list[tuple[str, int]] = field(default_factory=list)
    #: who sends IPIs, and which CPUs answer them by a handler of their own
    senders: dict[str, frozenset[int]] = field(default_factory=dict)
    #: to which CPUs each of them ever does
    targets: dict[str, frozenset[int]] = field(default_factory=dict)
    without: frozenset[str] = frozenset()

    # --- guards -----------------------------------------------------------------------

    def _guard(self, name: str, *parts: tuple[Variable, int]) -> tuple[tuple[Variable, int], ...]:
        assert name in GUARDS
        return () if name in self.without else parts

    def free_cpu(self, name: str, action: Action, /) -> tuple[tuple[Variable, int], ...]:
        """The CPU of an action is online, and for a task: no other keeps it.  Who brings it up asks for neither."""
        cpu = cpu_of(action)
        if isinstance(action, Act) and isinstance(action.event, ev.CpuOnline):
            return ()
        others = (other for other in self.players if other.name != name) if self._player(name).task else ()
        parts = self._guard("cpu", *((busy, 0) for other in others if (busy := other.busy(cpu)) is not None))
        return parts + (self._guard("online", (("online", cpu), 1)) if cpu in self.offline else ())

    def _player(self, name: str) -> Player:
        return next(player for player in self.players if player.name == name)

    def irqs_on(self, cpu: int, name: str, /) -> tuple[tuple[Variable, int], ...]:
        """Nobody else on this CPU has IRQs off."""
        here = (player for player in self.players if player.cpu == cpu and player.irqs and player.name != name)
        return self._guard("irqs", *((("irqs off", player.name), 0) for player in here))

    def running(self) -> tuple[tuple[Variable, int], ...]:
        """The machine has not come to its end."""
        return self._guard("halted", (HALTED, 0)) if any(player.halts for player in self.players) else ()

    # --- actions ------------------------------------------------------------------------

    def effect(self, action: Action, agent: str, /) -> Effect:
        """What an action of an agent does."""
        match action:
            case Act():
                return self._act(action, agent)
            case Submit():
                return Effect(copies=self._open_regions(agent, action.slot, action.event.flavour))
            case Synchronize():
                return Effect(
                    sets=self._sleeps(agent, action.cpu, 0), copies=self._open_regions(agent, -1, action.flavour)
                )
            case Synchronized():
                return Effect(
                    self.grace_period(agent, -1, action.event.flavour), self._sleeps(agent, action.event.cpu, 1)
                )
            case Send():
                return self._send(action, agent)
            case Await():
                return Effect(self._guard("await", *((variable, 0) for variable in self.pending(agent))))

    def _act(self, action: Act, agent: str) -> Effect:
        effect = self._event(action.event)
        sets = [*effect.sets, *self._keeping(action, agent)]
        for name, opens in (("irqs off", action.irqs_off), ("quiet", action.quiet), ("reading", action.reading)):
            if opens is not None:
                sets.append(((name, agent), int(opens)))
        if action.irqs_off is False:
            sets += ((("ipi", sender, agent), 0) for sender in self.senders if self._answers_itself(sender, agent))
        for kind, opens in (("quiet", action.quiet), ("reading", action.reading)):
            if opens is False:
                sets += ((("grace", kind, who, slot, agent), 0) for who, slot in self.waits)
        if action.halts:
            sets.append((HALTED, 1))
        guard = effect.guard
        if action.locks is not None and (lock := self._lock_of(agent)):
            guard += self._guard("lock", (("pte lock", lock), 0)) if action.locks else ()
            sets.append((("pte lock", lock), int(action.locks)))
        return Effect(guard, tuple(sets), effect.copies, effect.users)

    def _lock_of(self, agent: str) -> str:
        return next((player.lock for player in self.players if player.name == agent), "")

    def _keeping(self, action: Act, agent: str) -> Iterator[tuple[Variable, int]]:
        """Whether a task keeps its CPU from here on, where that is not the same as having preemption off."""
        player = next((player for player in self.players if player.name == agent), None)
        keeps = action.keeps if player is not None and player.keeps else action.quiet
        if player is not None and keeps is not None:
            busy = player.busy(action.event.cpu)
            if busy is not None and busy[0] == "busy":
                yield busy, int(keeps)

    def _event(self, event: ev.AnyEvent) -> Effect:
        match event:
            case ev.Unlink():
                return Effect(sets=((("linked", event.table), 0),))
            case ev.UnsharePmd():
                return Effect(sets=((("linked", event.table), 0), (MAPPING, 1)))
            case ev.WalkEntry():
                return Effect(self._guard("entry", (("linked", event.table), int(event.present))))
            case ev.CacheEntry():
                linked = self._guard("entry", (("linked", event.table), 1))
                return Effect(linked, ((("walk cache", event.cpu, event.table), 1),))
            case ev.HardwareLoad():
                return Effect(self._guard("walk-cache", (("walk cache", event.cpu, event.table), 1)))
            case ev.CacheMiss():
                return Effect(self._guard("walk-cache", (("walk cache", event.cpu, event.table), 0)))
            case ev.ClearPte():
                return Effect(self._guard("pte", (("present", event.page), 1)), ((("present", event.page), 0),))
            case ev.SkipPte():
                return Effect(self._guard("pte", (("present", event.page), 0)))
            case ev.WalkPte():
                return Effect(self._guard("pte", (("present", event.page), int(event.present))))
            case ev.HashFill():
                still = self._guard("pte", (("present", event.page), 1)) if event.locked else ()
                return Effect(still, ((("hash", event.page), 1),))
            case ev.TlbFill():
                source = (
                    self._guard("hash", (("hash", event.page), 1))
                    if self.hashed
                    else self._guard("pte", (("present", event.page), 1))
                )
                return Effect(source, ((("tlb", event.cpu, event.page), 1),))
            case ev.Access():
                held = self._guard("tlb", (("tlb", event.cpu, event.page), 1))
                return Effect(held + self._switched(event))
            case ev.AccessFault():
                return Effect(self._guard("tlb", (("tlb", event.cpu, event.page), 0)))
            case _:
                return self._other_event(event)

    def _other_event(self, event: ev.AnyEvent) -> Effect:
        match event:
            case ev.AtomicRead(var="mm_users"):
                return Effect(self._guard("users", (USERS, event.value)))
            case ev.AtomicRead(var="tlb_flush_pending"):
                others = (p.name for p in self.players if p.pends and p.name != event.agent)
                found = int(event.value > 1)
                return Effect(self._guard("pending", *((("pending", name), found) for name in others)))
            case ev.AtomicRead(var="flush_mm"):
                return Effect(self._guard("flush-mm", (FLUSH_MM, event.value)))
            case ev.FlushMm():
                return Effect(sets=((FLUSH_MM, int(event.on)),))
            case ev.ContextLock():
                free = self._guard("context-lock", (CONTEXT_LOCK, 0)) if event.held else ()
                return Effect(free, ((CONTEXT_LOCK, int(event.held)),))
            case ev.TlbFlushPending():
                return Effect(sets=((("pending", event.agent), int(event.pending)),))
            case ev.ShareCount():
                return Effect(sets=((("alone", event.table), int(event.left == 0)),))
            case ev.UnlockMapping():
                return Effect(sets=((MAPPING, 0),))
            case ev.ReusePmd():
                return Effect(self._guard("sharing", (("alone", event.table), 1), (MAPPING, 0)))
            case ev.RemoveRmap():
                return Effect(sets=tuple((("rmap", page), 0) for page in event.pages))
            case ev.DetachVma(pfn=True):
                return Effect(sets=tuple((("rmap", page), 0) for page in sorted(self.unmaps.get(event.agent, ()))))
            case ev.FindMapping():
                return Effect(self._guard("rmap", (("rmap", event.page), int(event.found))))
            case ev.MmGet():
                return Effect(users=1)
            case ev.MmPut():
                return Effect(users=-1)
            case ev.NumOnlineCpus() if self.offline:
                return Effect(self._found_online(event.value > self.online))
            case ev.CpuOnline():
                return Effect(sets=((("online", event.cpu), 1),))
            case ev.Invalidate():
                return Effect(sets=tuple((variable, 0) for variable in self._dropped(event)))
            case _:
                return Effect()

    def _switched(self, event: ev.Access) -> tuple[tuple[Variable, int], ...]:
        """Who runs where a gather has run was switched to, and a switch on s390 flushes what is due.

        Here it waits until the gather has flushed, which is later, or until another has.
        """
        instead = any(p.defers and event.cpu in p.cpus for p in self.players if p.name != event.agent)
        return self._guard("switch", (FLUSH_MM, 0)) if instead else ()

    def _found_online(self, later: bool) -> tuple[tuple[Variable, int], ...]:
        """The CPUs that come online later have come, or have not; they come one and all."""
        return self._guard("online", *((("online", cpu), int(later)) for cpu in self.offline))

    def _dropped(self, event: ev.Invalidate) -> Iterator[Variable]:
        """What an invalidation takes away."""
        if event.ind:
            yield from (("walk cache", cpu, table) for cpu in event.cpus for table in self.tables)
            if event.addrs is not None:
                return
        for page, addr in self.pages.items():
            if event.covers(addr):
                yield from (("tlb", cpu, page) for cpu in event.cpus)
                if event.op.startswith("flush_hash"):
                    yield ("hash", page)

    # --- waiting ------------------------------------------------------------------------

    def _open_regions(self, agent: str, slot: int, flavour: str) -> tuple[tuple[Variable, Variable], ...]:
        """A grace period waits for every region of its kind that is open when it is asked for."""
        return tuple(((kind, name), ("grace", kind, agent, slot, name)) for kind, name in self._held_by(flavour))

    def _held_by(self, flavour: str) -> Iterator[tuple[str, str]]:
        """Which regions a flavour waits for, and who ever opens one."""
        if holds_for_irqs_off(flavour):
            yield from (("quiet", player.name) for player in self.players if player.quiet)
        if holds_for_readers(flavour):
            yield from (("reading", player.name) for player in self.players if player.reads)

    def grace_period(self, owner: str, slot: int, flavour: str, /) -> tuple[tuple[Variable, int], ...]:
        """The grace period of a call_rcu has ended."""
        held = self._held_by(flavour)
        return self._guard("grace-period", *((("grace", kind, owner, slot, name), 0) for kind, name in held))

    def _sleeps(self, agent: str, cpu: int, keeps: int) -> tuple[tuple[Variable, int], ...]:
        """Who sleeps lets its CPU go, and has it again afterwards."""
        player = next((player for player in self.players if player.name == agent and player.keeps), None)
        busy = None if player is None else player.busy(cpu)
        return () if busy is None else ((busy, keeps),)

    def _answers_itself(self, sender: str, agent: str) -> bool:
        """Whether an agent's own step with IRQs on is the answer: its CPU has no handler to run."""
        cpu = self._player(agent).cpu
        return cpu in self.targets[sender] - self.senders[sender]

    def pending(self, sender: str, /) -> list[Variable]:
        """Whom a sender still waits for: CPUs with a handler, and agents without."""
        if sender not in self.senders:
            return []
        handled = self.senders[sender]
        silent = [p for p in self.players if p.irqs and p.cpu in self.targets[sender] - handled]
        return [*(("ipi", sender, cpu) for cpu in sorted(handled)), *(("ipi", sender, p.name) for p in silent)]

    def _send(self, action: Send, agent: str) -> Effect:
        targets = action.event.cpus
        handled = self.senders.get(agent, frozenset())
        sets = tuple((("ipi", agent, cpu), 1) for cpu in sorted(targets & handled))
        silent = (p for p in self.players if p.irqs and p.cpu in targets - handled)
        guard = self._found_online(bool(action.event.online & self.offline)) if self.offline else ()
        return Effect(guard, sets, tuple((("irqs off", p.name), ("ipi", agent, p.name)) for p in silent))
