# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Lazy MMU mode on hash64: the only time at which a hash entry may outlive its PTE.

The mode is entered and left under the PTE lock.  While it lasts nobody can fault the same address in again, so an old
entry in the hash table does no harm; once the lock is given back, another CPU may, and would find it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.events import AnyEvent, Booted, Enter, GetCpuVar, Invalidate, Leave, PutCpuVar
from mmu_gather_spec.percpu import PPC64_TLB_BATCH_NR
from mmu_gather_spec.rule import ALWAYS, Evidence, Level, Monitor, Rule, Source, Violation
from mmu_gather_spec.rules.arch_flush import is_hash64

#: Who adds an entry, and is told its page size last: hash64, and sparc64 in `tlb_batch`.
ADDS: Final = frozenset({"hpte_need_flush", "tlb_batch_add"})


class Lazy(NamedTuple):
    """CPUs in lazy MMU mode, and how much waited in the batch that was taken."""

    cpus: frozenset[int]
    held: int


class WaitsInLazyMode(Monitor[Lazy]):
    """Nothing begins to wait outside lazy MMU mode, and nothing waits when it is left."""

    #: what the batch is called
    batch = "hash batch"
    reads = (Leave, GetCpuVar, PutCpuVar)

    def initial(self, boot: Booted, /) -> Lazy:
        return Lazy(frozenset(), 0)

    def step(self, state: Lazy, event: AnyEvent, /) -> Lazy | Violation:
        match event:
            case Leave(fn="arch_enter_lazy_mmu_mode"):
                return state._replace(cpus=state.cpus | {event.cpu})
            case Leave(fn="arch_leave_lazy_mmu_mode") if state.held:
                return Violation(f"lazy MMU mode is left while {state.held} entries wait", event)
            case Leave(fn="arch_leave_lazy_mmu_mode"):
                return state._replace(cpus=state.cpus - {event.cpu})
            case PutCpuVar() if event.index > state.held and event.cpu not in state.cpus:
                return Violation(f"an entry begins to wait in the {self.batch} outside lazy MMU mode", event)
            case GetCpuVar() | PutCpuVar():
                return state._replace(held=event.index)
            case _:
                return state


class Sizes(NamedTuple):
    """Agents that add an entry, and of which page size; and of which size those are that wait on each CPU."""

    adding: tuple[tuple[str, int], ...]
    waiting: tuple[tuple[int, int], ...]


class OnePageSize(Monitor[Sizes]):
    """Entries that wait together are of one page size."""

    batch = "hash batch"
    reads = (Enter, Leave, PutCpuVar)

    def initial(self, boot: Booted, /) -> Sizes:
        return Sizes((), ())

    def step(self, state: Sizes, event: AnyEvent, /) -> Sizes | Violation:
        match event:
            case Enter(fn=fn, args=(*_, int(huge))) if fn in ADDS:
                return state._replace(adding=(*state.adding, (event.agent, huge)))
            case Leave(fn=fn) if fn in ADDS:
                return state._replace(adding=tuple(each for each in state.adding if each[0] != event.agent))
            case PutCpuVar():
                size = next((huge for agent, huge in state.adding if agent == event.agent), None)
                before = dict(state.waiting).get(event.cpu)
                others = tuple(each for each in state.waiting if each[0] != event.cpu)
                if size is None or event.index == 0:
                    return state if event.index else state._replace(waiting=others)
                if event.index > 1 and before not in (None, size):
                    return Violation(f"entries of two page sizes wait together in the {self.batch}", event)
                return state._replace(waiting=(*others, (event.cpu, size)))
            case _:
                return state


class BatchFits(Monitor[None]):
    """The batch never holds more entries than it has room for."""

    batch = "hash batch"
    room = PPC64_TLB_BATCH_NR
    #: what drops all that waits
    drop = "flush_hash_range"
    reads = (PutCpuVar, Invalidate)

    def initial(self, boot: Booted, /) -> None:
        return None

    def step(self, state: None, event: AnyEvent, /) -> Violation | None:
        match event:
            case PutCpuVar(index=held):
                pass
            case Invalidate(op=self.drop, addrs=tuple(addrs)):
                held = len(addrs)
            case _:
                held = 0
        if held > self.room:
            return Violation(f"{held} entries in a {self.batch} that has room for {self.room}", event)
        return None


RULES: Final = (
    Rule(
        id="arch.hash64-waits-in-lazy-mode",
        row="H5",
        level=Level.MUST,
        sentence="On hash64 an entry waits in the hash batch only in lazy MMU mode, and none waits when that is left.",
        sources=(Source("arch/powerpc/mm/tlb_hash64.c (2.6.37), hpte_need_flush", "if (!batch->active)"),),
        evidence=Evidence.KERNEL,
        monitor=WaitsInLazyMode(),
        status=ALWAYS,
        applies=is_hash64,
        where="hash64",
    ),
    Rule(
        id="arch.hash64-batch-fits",
        row="H5",
        level=Level.MUST,
        sentence="On hash64 the hash batch never holds more than PPC64_TLB_BATCH_NR entries.",
        sources=(Source("arch/powerpc/mm/tlb_hash64.c (2.6.37), hpte_need_flush", "i >= PPC64_TLB_BATCH_NR"),),
        evidence=Evidence.KERNEL,
        monitor=BatchFits(),
        status=ALWAYS,
        applies=is_hash64,
        where="hash64",
    ),
    Rule(
        id="arch.hash64-one-page-size",
        row="H5",
        level=Level.MUST,
        sentence="On hash64 entries that wait together in the hash batch are of one page size.",
        sources=(Source("arch/powerpc/mm/tlb_hash64.c (2.6.37), hpte_need_flush", "batch->psize != psize"),),
        evidence=Evidence.KERNEL,
        monitor=OnePageSize(),
        status=ALWAYS,
        applies=is_hash64,
        where="hash64",
    ),
)
