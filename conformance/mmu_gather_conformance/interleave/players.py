# SPDX-License-Identifier: GPL-2.0-only
"""Who takes part in a litmus, and what the machine has to know of them before anybody moves."""

from __future__ import annotations

from collections.abc import Sequence

from mmu_gather_spec import events as ev
from mmu_gather_spec.record import record

from mmu_gather_conformance.interleave.automaton import Act, Automaton
from mmu_gather_conformance.interleave.effects import Machine, Variable


@record(frozen=True, slots=True)
class Member:
    """Who takes part: a gather or a program, on a CPU."""

    name: str
    cpu: int
    automaton: Automaton
    kind: str = ""
    #: False for hardware: it needs no CPU to be given to it, and nothing that a task does holds it off
    task: bool = True
    #: the PTE lock that it takes, by name; gathers over the same addresses take the same
    lock: str = ""


@record(slots=True)
class Player:
    """An agent as the machine knows it: on which CPU it is, and which regions it ever opens.

    Who moves between CPUs is taken to have IRQs on: no gather here moves that is sent an IPI.
    """

    name: str
    #: where it begins
    cpu: int
    #: where it ever is
    cpus: frozenset[int] = frozenset()
    task: bool = True
    irqs: bool = False
    quiet: bool = False
    reads: bool = False
    #: whether it is ever pending on the mm
    pends: bool = False
    keeps: bool = False
    #: whether it ever leaves something of the mm to a later flush
    defers: bool = False
    #: the PTE lock that it takes and that others take, too
    lock: str = ""
    #: whether a BUG() of its can be the end of all
    halts: bool = False

    @classmethod
    def of(cls, name: str, cpu: int, automaton: Automaton) -> Player:
        """The player that does what an automaton says."""
        acts = [action for action in automaton.actions() if isinstance(action, Act)]
        moves = {act.event.to for act in acts if isinstance(act.event, ev.Migrate)}
        return cls(
            name,
            cpu,
            frozenset({cpu, *moves}),
            irqs=any(act.irqs_off is not None for act in acts),
            quiet=any(act.quiet is not None for act in acts),
            reads=any(act.reading is not None for act in acts),
            pends=any(isinstance(act.event, ev.TlbFlushPending) for act in acts),
            defers=any(isinstance(act.event, ev.FlushMm) for act in acts),
            keeps=any(act.keeps is not None for act in acts),
            halts=any(act.halts for act in acts),
        )

    def busy(self, cpu: int, /) -> Variable | None:
        """The variable that says that no other task gets this CPU; None where it never keeps one from it."""
        if cpu not in self.cpus or not (self.keeps or self.quiet):
            return None
        return ("busy", cpu, self.name) if self.keeps or len(self.cpus) > 1 else ("quiet", self.name)


@record(frozen=True, slots=True)
class World:
    """What is so when everybody begins."""

    boot: ev.Booted
    hashed: bool
    users: int
    #: CPUs that are not online yet
    offline: frozenset[int] = frozenset()
    online: int = 2


def machine_of(members: Sequence[Member], world: World, without: frozenset[str], /) -> Machine:
    """The machine that these take part on."""
    tables: set[int] = set()
    pages: dict[int, int] = {}
    unmaps: dict[str, frozenset[int]] = {}
    for member in members:
        for action in member.automaton.actions():
            if isinstance(action, Act):
                match action.event:
                    case (
                        ev.Unlink()
                        | ev.UnsharePmd()
                        | ev.WalkEntry()
                        | ev.CacheEntry()
                        | ev.WalkLoad()
                        | ev.WalkLock()
                        | ev.HardwareLoad()
                    ):
                        tables.add(action.event.table)
                    case ev.ClearPte() | ev.SkipPte():
                        pages[action.event.page] = action.event.addr
                        unmaps[member.name] = unmaps.get(member.name, frozenset()) | {action.event.page}
                    case ev.FindMapping() | ev.WalkPte() | ev.TlbFill() | ev.HashFill() | ev.Access():
                        pages.setdefault(action.event.page, -1)
    locks = [member.lock for member in members]
    players = [_player(member, shared=locks.count(member.lock) > 1) for member in members]
    return Machine(
        players, world.hashed, frozenset(tables), pages, unmaps, world.offline, world.online, without=without
    )  # fmt: skip


def _player(member: Member, *, shared: bool) -> Player:
    player = Player.of(member.name, member.cpu, member.automaton)
    player.task = member.task
    takes = any(isinstance(action, Act) and action.locks is not None for action in member.automaton.actions())
    player.lock = member.lock if shared and takes else ""
    return player
