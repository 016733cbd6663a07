# SPDX-License-Identifier: GPL-2.0-only
"""The hash-fault handler: on hash arches software puts translations where hardware finds them.

It is a software walker like any other: IRQs are off, it reads the Linux tables, and it owes and is owed what
get_user_pages_fast() is.  What it finds it copies into the hash table, from which any CPU's TLB may be filled.

What it leaves out: the lock bit of a PTE, and collisions in the hash table.
source: arch/powerpc/mm/hash_utils_64.c of 2.6.37, hash_page()
"""

from __future__ import annotations

from mmu_gather_spec.events import HashFill, WalkBegin, WalkEnd, WalkEntry, WalkLoad, WalkPte

from mmu_gather_reference.machine.gup import Steps


def hash_page(cpu: int, agent: str, table: int, page: int) -> Steps:
    """hash_page - find the PTE of `page` in `table`, and enter it into the hash table"""
    yield (WalkBegin(cpu, agent, False),)
    entry = yield (WalkEntry(cpu, agent, table, True), WalkEntry(cpu, agent, table, False))
    if isinstance(entry, WalkEntry) and entry.present:
        yield (WalkLoad(cpu, agent, table, True),)
        pte = yield (WalkPte(cpu, agent, page, True), WalkPte(cpu, agent, page, False))
        if isinstance(pte, WalkPte) and pte.present:
            yield (HashFill(cpu, agent, page),)
    yield (WalkEnd(cpu, agent),)
