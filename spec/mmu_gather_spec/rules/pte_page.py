# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What a PTE page has besides its entries: a lock and accounting, made when it was allocated.

They are taken down by pgtable_page_dtor(), once, and before the page goes back to the allocator, to which they mean
nothing.  Before v7.0 that happens before the table is queued, with walkers still inside; `locks` asks what one of them
finds who takes the lock.

A table that is no PTE page has neither: taken down all the same, it is counted off and was never counted.  Of a table
that comes without a word of its level, with shift 0, only who frees it can find that it is a PTE page, so both are
permitted; and since PMD tables have locks as well, so it is of them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.eras import ERAS
from mmu_gather_spec.events import AnyEvent, Booted, Dtor, Enter
from mmu_gather_spec.pgtable_index import PgtableIndex, has_index
from mmu_gather_spec.rule import ALWAYS, Evidence, Level, Monitor, Rule, Source, Violation
from mmu_gather_spec.rules.reading import FREES, Tables, freed, given
from mmu_gather_spec.rules.separation import Separated, Separation


class PtePages(NamedTuple):
    """Tables by what is known of their lock; none is in two of these."""

    #: PTE pages that were given with their lock
    whole: Tables
    #: tables that have one or have none: the arch knows
    perhaps: Tables
    #: tables that have none, or have it no more
    without: Tables
    #: tables that were freed
    gone: Tables
    #: whether a PMD table may have one
    pmd_locks: bool
    #: the largest word beside a table that leaves it open: on 64-bit Book3S PMD tables are fragments as well
    most: int = 0

    def knows(self, table: int, /) -> bool:
        """Whether the table was given already, by another call around this one."""
        return table in self.whole or table in self.perhaps or table in self.without

    def put(self, tables: Tables, where: str, /) -> PtePages:
        """The tables are there, and nowhere else."""
        found = self._replace(
            whole=self.whole - tables,
            perhaps=self.perhaps - tables,
            without=self.without - tables,
            gone=self.gone - tables,
        )
        return found._replace(**{where: getattr(found, where) | tables})

    def unknown(self, own: Tables, beside: int) -> PtePages:
        """A table is given with this word beside it, and nobody has said what it is."""
        (table,) = own
        return self.put(own, "perhaps") if 0 <= beside <= self.most and not self.knows(table) else self


class Destroyed(Monitor[PtePages]):
    """The destructor of a PTE page runs once, after the page is given and before it is freed."""

    reads = (Enter, Dtor, *FREES)

    def initial(self, boot: Booted, /) -> PtePages:
        none: Tables = frozenset()
        most = PgtableIndex.PMD_INDEX if has_index(boot.arch, boot.era) else 0
        return PtePages(none, none, none, none, ERAS[boot.era].pmd_locks, most)

    def about(self, event: AnyEvent, /) -> frozenset[int] | None:
        """Each page has its own lock."""
        if isinstance(event, Dtor):
            return frozenset({event.table})
        table = given(event)
        return frozenset(freed(event)) if table is None else frozenset({table})

    def step(self, state: PtePages, event: AnyEvent, /) -> PtePages | Violation:
        match event:
            case Enter():
                table = given(event)
                return state if table is None else self._given(state, event, table)
            case Dtor(table=table) if table in state.gone:
                return Violation("the destructor of a PTE page runs after the page was freed", event)
            case Dtor(table=table) if table not in state.whole | state.perhaps:
                return Violation("the destructor of a PTE page runs twice, or on a page that was not given", event)
            case Dtor(table=table):
                return state.put(frozenset({table}), "without")
        pages = frozenset(freed(event))
        if pages & state.whole:
            return Violation("a PTE page is freed and its destructor has not run", event)
        return state.put(pages, "gone")

    @staticmethod
    def _given(state: PtePages, event: Enter, table: int) -> PtePages:
        """A table is given: what the call that gives it says of its lock."""
        own = frozenset({table})
        match event:
            case Enter(fn="pte_free_tlb"):
                return state.put(own, "whole")
            case Enter(fn="pmd_free_tlb"):
                return state.put(own, "perhaps" if state.pmd_locks else "without")
            case Enter(fn="pgtable_free_tlb", args=(_, _, int(beside))):
                return state.unknown(own, beside)
            case Enter(fn="tlb_remove_table", args=(_, int(word))):
                return state.unknown(own, word - table)
        return state


SEPARATED: Final = Separated()


class DestroyedAfterWait(Monitor[tuple[Separation, Tables]]):
    """What a walker may use of a table is taken down after every walker has been waited for.

    That a PTE page loses its lock before it is queued is a known defect.  Of a table that was given by its arch
    directly only who frees it can know that it is a PTE page, and no era's code looks any sooner; where it is freed at
    once, below two users, its lock goes as early.
    """

    reads = (*Separated.reads, Dtor)

    def initial(self, boot: Booted, /) -> tuple[Separation, Tables]:
        return SEPARATED.initial(boot), frozenset()

    def step(self, state: tuple[Separation, Tables], event: AnyEvent, /) -> tuple[Separation, Tables] | Violation:
        walks, direct = state
        if isinstance(event, Dtor):
            if event.table in walks.waiting and not walks.alone:
                reason = "a PTE page loses its lock while walkers may be inside"
                at_once = event.agent in walks.few_users | walks.private
                return Violation(reason, event, erratum="S11" if at_once or event.table not in direct else None)
            return state
        if isinstance(event, Enter) and (table := given(event)) is not None:
            if event.fn == "pgtable_free_tlb":
                direct = direct | {table}
            elif event.fn != "tlb_remove_table":
                direct = direct - {table}
        result = SEPARATED.step(walks, event)
        # That it is freed too early is another rule's affair.
        return (walks if isinstance(result, Violation) else result), direct


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
