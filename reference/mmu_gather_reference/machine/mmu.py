# SPDX-License-Identifier: GPL-2.0-only
"""The hardware walker: a walk cache and a TLB that fill themselves, whenever they like.

It asks nobody, and no IRQ holds it off.  While an entry is there it may take it into the walk cache of its CPU, and
as long as it is in the cache it may read the table behind it, however long ago that was unhooked.  It
does so speculatively: the CPU need not run a task of the mm, it only has to hold the mm, even lazily.

What it stands for: one walk of each table, on the gather's own CPU or another.  What it leaves out: upper levels,
access and dirty bits.  On hash32 and hash64 there is no such walker: their TLBs are filled from the hash
table, and the hash table by software (`hash_fault`).
"""

from __future__ import annotations

from collections.abc import Sequence

from mmu_gather_spec.events import Access, AccessFault, CacheEntry, CacheMiss, HardwareLoad, TlbFill

from mmu_gather_reference.machine.gup import Steps


def walk_tables(cpu: int, agent: str, tables: Sequence[int]) -> Steps:
    """For each table: cache the entry above it if it is there, and later read the table if it is still cached"""
    for table in tables:
        entry = yield (CacheEntry(cpu, agent, table), CacheMiss(cpu, agent, table))
        if isinstance(entry, CacheEntry):
            yield (HardwareLoad(cpu, agent, table), CacheMiss(cpu, agent, table))


def access(cpu: int, agent: str, page: int) -> Steps:
    """A task of the mm reads its memory: the TLB is filled, and some time later used"""
    filled = yield (TlbFill(cpu, agent, page), AccessFault(cpu, agent, page))
    if isinstance(filled, TlbFill):
        yield (Access(cpu, agent, page), AccessFault(cpu, agent, page))
