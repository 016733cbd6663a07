# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a PTE page has besides its entries: a lock and accounting, made when it was allocated.

They are taken down by pgtable_page_dtor(), once, and before the page goes back to the allocator, to which they mean
nothing.  Whether that may happen while walkers are still inside is another question; these eras do it before the table
is queued, and no walker of theirs takes the lock.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.events import AnyEvent, Booted, Dtor, Enter
from mmu_gather_spec.pgtable_index import PgtableIndex, has_index
from mmu_gather_spec.rule import ALWAYS, Evidence, Level, Monitor, Rule, Source, Violation
from mmu_gather_spec.rules.reading import FREES, Tables, freed, given


class PtePages(NamedTuple):
    """PTE pages that were given with their lock, and those that were freed without it."""

    whole: Tables
    gone: Tables
    #: given by their arch alone, with shift 0: whether they have a lock, the arch knows
    perhaps: Tables = frozenset()
    #: the largest word of whose tables that is so: on 64-bit Book3S PMD tables are fragments as well
    most: int = 0


class Destroyed(Monitor[PtePages]):
    """The destructor of a PTE page runs once, after the page is given and before it is freed."""

    reads = (Enter, Dtor, *FREES)

    def initial(self, boot: Booted, /) -> PtePages:
        most = PgtableIndex.PMD_INDEX if has_index(boot.arch, boot.era) else 0
        return PtePages(frozenset(), frozenset(), most=most)

    def about(self, event: AnyEvent, /) -> frozenset[int] | None:
        """Each page has its own lock."""
        match event:
            case Enter(fn="pte_free_tlb") if (table := given(event)) is not None:
                return frozenset({table})
            case Dtor():
                return frozenset({event.table})
        return frozenset(freed(event))

    def step(self, state: PtePages, event: AnyEvent, /) -> PtePages | Violation:
        match event:
            case Enter(fn="pte_free_tlb") if (table := given(event)) is not None:
                return state._replace(whole=state.whole | {table}, gone=state.gone - {table})
            case Enter(fn="pgtable_free_tlb", args=(_, _, int(shift))) if 0 <= shift <= state.most:
                if (table := given(event)) in state.whole:
                    return state
                return state._replace(perhaps=state.perhaps | {table or 0}, gone=state.gone - {table or 0})
            case Enter(fn="pmd_free_tlb") if (table := given(event)) is not None:
                return state._replace(perhaps=state.perhaps | {table}, gone=state.gone - {table})
            case Enter():
                return state
            case Dtor(table=table) if table in state.gone:
                return Violation("the destructor of a PTE page runs after the page was freed", event)
            case Dtor(table=table) if table in state.perhaps:
                return state._replace(perhaps=state.perhaps - {table})
            case Dtor(table=table) if table not in state.whole:
                return Violation("the destructor of a PTE page runs twice, or on a page that was not given", event)
            case Dtor(table=table):
                return state._replace(whole=state.whole - {table})
        pages = frozenset(freed(event))
        if pages & state.whole:
            return Violation("a PTE page is freed and its destructor has not run", event)
        return state._replace(gone=state.gone | pages, perhaps=state.perhaps - pages)


RULES: Final = (
    Rule(
        id="order.destructor-before-free",
        row="B15",
        level=Level.MUST,
        sentence="The destructor of a PTE page runs exactly once, before the page is freed.",
        sources=(Source("arch/powerpc/include/asm/pgalloc.h (2.6.37), __pte_free_tlb", "pgtable_page_dtor(ptepage)"),),
        evidence=Evidence.KERNEL,
        monitor=Destroyed(),
        status=ALWAYS,
    ),
)
