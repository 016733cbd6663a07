# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Events in few words: the same classes as in `events`, with the usual CPU, agent and flags filled in.

Unless said otherwise an event happens on cpu0 and is done by gather `a`; the machine is an SMP hash64
whose batches hold three tables.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from mmu_gather_spec import events as ev

#: Three tables, two user pages, and a page of kernel memory with an rcu_head at its start.
T, U, V = 0x10000, 0x20000, 0x30000
P, Q = 0x80000, 0x90000
K = 0x400000
CONTEXT = 1
BOTH_CPUS: Final = frozenset({0, 1})

BOOT: Final = ev.Booted(
    0, "a", "hash64", "rfc-2010", True, 64, 4096, True, False, 3, 0xF, frozenset({"__tlb_remove_table"}), 0
)
UP: Final = replace(BOOT, smp=False)
HASH32: Final = replace(BOOT, arch="hash32", bits_per_long=32, max_pgtable_index_size=0)
E603: Final = replace(HASH32, hash_table=False)
BOOK3E: Final = replace(BOOT, arch="nohash", hash_table=False, book3e=True)
WALKED: Final = replace(BOOK3E, arch="hardware-walker", book3e=False)


@dataclass(frozen=True, slots=True)
class Case:
    """A trace for one rule: accepted where `reason` is None, else rejected at its last event."""

    rule: str
    #: what the trace shows, to be read after "a trace in which"
    shows: str
    trace: ev.Trace
    reason: str | None = None
    erratum: str | None = None
    boot: ev.Booted = BOOT


def enter(fn: str, *args: int | str, agent: str = "a") -> ev.Enter:
    return ev.Enter(0, agent, fn, args)


def leave(fn: str, *, agent: str = "a") -> ev.Leave:
    return ev.Leave(0, agent, fn)


def give(table: int, *, agent: str = "a") -> ev.Enter:
    return ev.Enter(0, agent, "pte_free_tlb", ("tlb", table, 0x1000))


def given(*, agent: str = "a") -> ev.Leave:
    return ev.Leave(0, agent, "pte_free_tlb")


def unlink(table: int, shift: int = 0) -> ev.Unlink:
    return ev.Unlink(0, "a", table, shift)


def clear(page: int, *, cpus: frozenset[int] = BOTH_CPUS, hashed: bool = False) -> ev.ClearPte:
    """The PTE of a page is cleared; it was mapped at 16 times the page's address."""
    return ev.ClearPte(0, "a", page, page << 4, CONTEXT, cpus, hashed)


def invalidate(
    op: str = "_tlbil_pid",
    *,
    context: int = CONTEXT,
    pages: tuple[int, ...] | None = None,
    cpus: frozenset[int] = BOTH_CPUS,
    ind: bool = False,
) -> ev.Invalidate:
    addrs = None if pages is None else tuple(page << 4 for page in pages)
    return ev.Invalidate(0, "a", op, context, addrs, cpus, ind)


def call_rcu(*tables: int, flavour: str = "sched") -> ev.CallRcu:
    return ev.CallRcu(0, "a", K, flavour, tables)


def grace(head: int = K, flavour: str = "sched") -> ev.GracePeriod:
    return ev.GracePeriod(1, "softirq", head, flavour)


def free(addr: int, *, agent: str = "a") -> ev.FreePage:
    return ev.FreePage(0, agent, addr)


def cache_free(index: int, addr: int, *, agent: str = "a") -> ev.KmemCacheFree:
    return ev.KmemCacheFree(0, agent, index, addr)


def free_pages(*pages: int) -> ev.FreePages:
    return ev.FreePages(0, "a", pages)


def got(page: int | None, gfp_mask: int = 0x20) -> ev.GetFreePage:
    return ev.GetFreePage(0, "a", page, gfp_mask)


def users(value: int) -> ev.AtomicRead:
    return ev.AtomicRead(0, "a", "mm_users", value)


def online(value: int) -> ev.NumOnlineCpus:
    return ev.NumOnlineCpus(0, "a", value)


def ipi(*cpus: int, wait: bool = True, irqs_on: bool = True) -> ev.SmpCallFunction:
    """An IPI to some of two online CPUs."""
    return ev.SmpCallFunction(0, "a", frozenset(cpus), BOTH_CPUS, wait, irqs_on)


def ack() -> ev.IpiAck:
    return ev.IpiAck(1, "ipi")


def begin(*, irqs_on: bool = False) -> ev.WalkBegin:
    return ev.WalkBegin(1, "gup_fast", irqs_on)


def load(table: int, *, fresh: bool = True) -> ev.WalkLoad:
    return ev.WalkLoad(1, "gup_fast", table, fresh)


def end() -> ev.WalkEnd:
    return ev.WalkEnd(1, "gup_fast")


def diverged(*, extra_flush: bool = False) -> ev.Diverged:
    return ev.Diverged(0, "a", 0xA5, "Enter" if extra_flush else "GetFreePage", extra_flush)


def fault(kind: ev.FaultKind) -> ev.Fault:
    return ev.Fault(0, "a", kind, K)


def bug(expression: str = "shift") -> ev.Bug:
    return ev.Bug(0, "a", expression)


def quiescent() -> ev.Quiescent:
    return ev.Quiescent(0, "a")
