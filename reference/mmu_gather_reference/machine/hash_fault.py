# SPDX-License-Identifier: GPL-2.0-only
"""The hash-fault handler: on hash arches software puts translations where hardware finds them.

It is a software walker like any other: IRQs are off, it reads the Linux tables, and it owes and is owed what
get_user_pages_fast() is.  What it finds it copies into the hash table, from which any CPU's TLB may be filled.
It locks the PTE by a bit in it meanwhile, so that finding and copying are one step: whoever clears that PTE comes
before both or after both.

What it leaves out: collisions in the hash table, and protection.  `hash_page_irqs_on` and `hash_page_unlocked` are
the same with one duty left out.
source: arch/powerpc/mm/hash_utils_64.c of 2.6.37, hash_page()
"""

from __future__ import annotations

from mmu_gather_spec.events import HashFill, WalkBegin, WalkEnd, WalkEntry, WalkLoad, WalkPte

from mmu_gather_reference.machine.gup import Steps


def hash_page(cpu: int, agent: str, table: int, page: int) -> Steps:
    """hash_page - find the PTE of `page` in `table`, and enter it into the hash table"""
    yield from fault(cpu, agent, table, page)


def hash_page_irqs_on(cpu: int, agent: str, table: int, page: int) -> Steps:
    """The same with nothing that holds anybody off"""
    yield from fault(cpu, agent, table, page, irqs_on=True)


def hash_page_unlocked(cpu: int, agent: str, table: int, page: int) -> Steps:
    """The same without the bit: between finding and copying the PTE may be cleared, and the flush be over"""
    yield from fault(cpu, agent, table, page, locked=False)


def fault(cpu: int, agent: str, table: int, page: int, *, irqs_on: bool = False, locked: bool = True) -> Steps:
    """The handler, with or without its duties"""
    fill = HashFill(cpu, agent, page, locked)
    yield (WalkBegin(cpu, agent, irqs_on),)
    entry = yield (WalkEntry(cpu, agent, table, True), WalkEntry(cpu, agent, table, False))
    if isinstance(entry, WalkEntry) and entry.present:
        yield (WalkLoad(cpu, agent, table, True),)
        found = yield (fill if locked else WalkPte(cpu, agent, page, True), WalkPte(cpu, agent, page, False))
        if isinstance(found, WalkPte) and found.present:
            yield (fill,)
    yield (WalkEnd(cpu, agent),)
