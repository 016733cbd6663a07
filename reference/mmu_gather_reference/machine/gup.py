# SPDX-License-Identifier: GPL-2.0-only
"""get_user_pages_fast(): the software walker that the mechanism is for.

It takes no lock.  It has IRQs off from before it reads the root until its last pointer is dead, loads each entry
once, and reads every table that it found: the PTE, and the PTE again after it has pinned the page, since on
powerpc only tables are kept for it.

What it stands for: every walk of that kind, on a CPU of its own, of as many tables as a scenario has.
What it leaves out: the levels above the entry, which nobody frees here; huge pages; and what is in a page.
The walkers below it are the same with one duty left out, to show what each duty is for: they have preemption off, or
nothing at all, instead of IRQs; they use a pointer of an earlier walk; they pin a page without a second look.  The one
that takes a lock leaves nothing out: it came later.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

from mmu_gather_spec.events import (
    AnyEvent,
    Preempt,
    WalkBegin,
    WalkEnd,
    WalkEntry,
    WalkLoad,
    WalkLock,
    WalkPin,
    WalkPte,
)

Steps = Generator[tuple[AnyEvent, ...], AnyEvent, None]


def get_user_pages_fast(cpu: int, agent: str, tables: Sequence[int], page: int = 0) -> Steps:
    """get_user_pages_fast - walk `tables`, and pin `page` if one is named; IRQs are off meanwhile"""
    yield (WalkBegin(cpu, agent, False),)
    yield from gup_pte_range(cpu, agent, tables, page)
    yield (WalkEnd(cpu, agent),)


def gup_pte_range(cpu: int, agent: str, tables: Sequence[int], page: int = 0, *, looks_again: bool = True) -> Steps:
    """gup_pte_range - for each table: load the entry, read the PTE, pin, and read it again"""
    for table in tables:
        entry = yield (WalkEntry(cpu, agent, table, True), WalkEntry(cpu, agent, table, False))
        assert isinstance(entry, WalkEntry)
        if not entry.present:
            continue
        yield (WalkLoad(cpu, agent, table, True),)
        if page:
            pte = yield (WalkPte(cpu, agent, page, True), WalkPte(cpu, agent, page, False))
            assert isinstance(pte, WalkPte)
            if not pte.present:
                continue
            yield (WalkPin(cpu, agent, page, looks_again),)
        yield (WalkLoad(cpu, agent, table, True),)


def pte_offset_map_lock(cpu: int, agent: str, tables: Sequence[int]) -> Steps:
    """pte_offset_map_lock - take the lock of each table that is found, and read it; IRQs are off meanwhile"""
    yield (WalkBegin(cpu, agent, False),)
    for table in tables:
        entry = yield (WalkEntry(cpu, agent, table, True), WalkEntry(cpu, agent, table, False))
        assert isinstance(entry, WalkEntry)
        if entry.present:
            yield (WalkLock(cpu, agent, table),)
            yield (WalkLoad(cpu, agent, table, True),)
    yield (WalkEnd(cpu, agent),)


def rcu_reader(cpu: int, agent: str, tables: Sequence[int]) -> Steps:
    """A walker under rcu_read_lock() alone: IRQs stay on.  Out of contract until v7.0"""
    yield (WalkBegin(cpu, agent, True),)
    yield from gup_pte_range(cpu, agent, tables)
    yield (WalkEnd(cpu, agent),)


def sched_reader(cpu: int, agent: str, tables: Sequence[int]) -> Steps:
    """A walker under rcu_read_lock_sched(): preemption is off, and IRQs stay on.  An IPI does not wait for it"""
    yield (Preempt(cpu, agent, 1),)
    yield from rcu_reader(cpu, agent, tables)
    yield (Preempt(cpu, agent, 0),)


def old_pointer(cpu: int, agent: str, tables: Sequence[int]) -> Steps:
    """A walker that switches IRQs on in the middle, and goes on with the pointers that it has"""
    found = []
    yield (WalkBegin(cpu, agent, False),)
    for table in tables:
        entry = yield (WalkEntry(cpu, agent, table, True), WalkEntry(cpu, agent, table, False))
        assert isinstance(entry, WalkEntry)
        if entry.present:
            found.append(table)
    yield (WalkEnd(cpu, agent),)
    yield (WalkBegin(cpu, agent, False),)
    for table in found:
        yield (WalkLoad(cpu, agent, table, False),)
    yield (WalkEnd(cpu, agent),)


def gup_outright(cpu: int, agent: str, tables: Sequence[int], page: int) -> Steps:
    """A walker that takes a plain reference to what it finds, as where pages are kept for it, too"""
    yield (WalkBegin(cpu, agent, False),)
    yield from gup_pte_range(cpu, agent, tables, page, looks_again=False)
    yield (WalkEnd(cpu, agent),)
