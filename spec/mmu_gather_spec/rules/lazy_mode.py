# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Lazy MMU mode on hash64: the only time at which a hash entry may outlive its PTE.

The mode is entered and left under the PTE lock.  While it lasts nobody can fault the same address in again, so an old
entry in the hash table does no harm; once the lock is given back, another CPU may, and would find it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.events import AnyEvent, Booted, GetCpuVar, Leave, PutCpuVar
from mmu_gather_spec.rule import REQUIRED, Evidence, Level, Monitor, Rule, Source, Violation
from mmu_gather_spec.rules.arch_flush import is_hash64


class Lazy(NamedTuple):
    """CPUs in lazy MMU mode, and how much waited in the batch that was taken."""

    cpus: frozenset[int]
    held: int


class WaitsInLazyMode(Monitor[Lazy]):
    """Nothing begins to wait outside lazy MMU mode, and nothing waits when it is left."""

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
                return Violation("an entry begins to wait in the hash batch outside lazy MMU mode", event)
            case GetCpuVar() | PutCpuVar():
                return state._replace(held=event.index)
            case _:
                return state


RULES: Final = (
    Rule(
        id="arch.hash64-waits-in-lazy-mode",
        row="H5",
        level=Level.MUST,
        sentence="On hash64 an entry waits in the hash batch only in lazy MMU mode, and none waits when that is left.",
        sources=(Source("arch/powerpc/mm/tlb_hash64.c (2.6.37), hpte_need_flush", "if (!batch->active)"),),
        evidence=Evidence.KERNEL,
        monitor=WaitsInLazyMode(),
        status={"rfc-2010-base": REQUIRED, "rfc-2010": REQUIRED},
        applies=is_hash64,
        where="hash64",
    ),
)
