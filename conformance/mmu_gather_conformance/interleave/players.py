# SPDX-License-Identifier: GPL-2.0-only
"""Who takes part in a litmus, and what the machine has to know of them before anybody moves."""

from __future__ import annotations

from collections.abc import Sequence

from mmu_gather_spec import events as ev
from mmu_gather_spec.record import record

from mmu_gather_conformance.interleave.automaton import Act, Automaton
from mmu_gather_conformance.interleave.effects import Machine, Player


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
