# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""64-bit Book3S: a table is queued as what it is, and freed the way tables of its kind are.

The word says the kind in the place of the size.  A PMD table and a PUD table may have one size and are given back to
different places, and a PGD table is not freed through RCU at all.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.events import AnyEvent, Booted, Enter, FreePage, GetFreePage, KmemCacheFree, Unlink
from mmu_gather_spec.pgtable_index import FRAGMENTS, PgtableIndex, has_index, kinds
from mmu_gather_spec.rule import REQUIRED, Evidence, Level, Monitor, Rule, Source, Violation, over_time
from mmu_gather_spec.rules.reading import INDEX_BITS, Tables

#: Kind by the call that gives a table of it.
GIVEN_BY: Final = {"pte_free_tlb": PgtableIndex.PTE_INDEX, "pmd_free_tlb": PgtableIndex.PMD_INDEX}


def _name(kind: int, /) -> str:
    return PgtableIndex(kind).name if kind in set(PgtableIndex) else f"index {kind}"


class Known(NamedTuple):
    """Tables that were unhooked, with their sizes; those that were given, with their kinds; and the kernel's pages."""

    sizes: frozenset[tuple[int, int]]
    given: frozenset[tuple[int, int]]
    kernel_pages: Tables
    freed: frozenset[int]

    def kind(self, table: int, /) -> int | None:
        """As what a table was given."""
        return next((kind for known, kind in self.given if known == table), None)

    def also(self, table: int, kind: int, /) -> Known:
        """The same with a table that is given."""
        others = frozenset(entry for entry in self.given if entry[0] != table)
        return self._replace(given=others | {(table, kind)})


class IndexNamesItsFreer(Monitor[Known]):
    """A table goes into the word as what it was given as, and back to where tables of that kind come from."""

    reads = (Unlink, Enter, GetFreePage, FreePage, KmemCacheFree)

    def initial(self, boot: Booted, /) -> Known:
        freed = frozenset(int(kind) for kind in kinds(boot.era, boot.page_size, 0))
        return Known(frozenset(), frozenset(), frozenset(), freed)

    def step(self, state: Known, event: AnyEvent, /) -> Known | Violation:
        match event:
            case Unlink():
                return state._replace(sizes=state.sizes | {(event.table, event.shift)})
            case GetFreePage() if event.page is not None:
                return state._replace(kernel_pages=state.kernel_pages | {event.page})
            case Enter(fn=fn, args=(_, int(table), *_)) if fn in GIVEN_BY:
                return state.also(table, GIVEN_BY[fn])
            case Enter(fn="pgtable_free_tlb", args=(_, int(table), int(kind))):
                return state.also(table, kind)
            case Enter(fn="tlb_remove_table", args=(_, int(word))):
                return self._queued(state, event, word & ~INDEX_BITS, word & INDEX_BITS)
            case FreePage(addr=table) if table not in state.kernel_pages:
                return self._freed(state, event, table) or state
            case KmemCacheFree(addr=table):
                return self._freed(state, event, table) or state
        return state

    @staticmethod
    def _queued(state: Known, event: Enter, table: int, kind: int) -> Known | Violation:
        known = state.kind(table)
        if known is not None and known & INDEX_BITS != kind:
            return Violation(f"a table of {_name(known)} is queued as {_name(kind)}", event)
        return state.also(table, kind)

    @staticmethod
    def _freed(state: Known, event: FreePage | KmemCacheFree, table: int) -> Violation | None:
        kind = state.kind(table)
        if kind is None:
            return Violation("something is freed at an address where no table was", event)
        if kind not in state.freed:
            return Violation(f"a table of {_name(kind)} is freed through RCU", event)
        if isinstance(event, FreePage):
            wrong = kind not in FRAGMENTS
            return Violation(f"a table of {_name(kind)} is given to the page allocator", event) if wrong else None
        if kind in FRAGMENTS:
            return Violation(f"a table of {_name(kind)}, a fragment of a page, is given to a cache", event)
        if (table, event.index) not in state.sizes:
            return Violation(f"a table of {_name(kind)} is given to the cache of another size", event)
        return None


def is_book3s_64(boot: Booted, /) -> bool:
    """64-bit Book3S: hash64 and radix."""
    return has_index(boot.arch, boot.era)


RULES: Final = (
    Rule(
        id="encoding.index-names-its-freer",
        row="F5",
        level=Level.MUST,
        sentence=(
            "On 64-bit Book3S a table is queued with its pgtable_index: a fragment goes back to its page, any other to "
            "the cache of its size, and one whose kind is not freed through RCU BUGs."
        ),
        sources=(
            Source("arch/powerpc/mm/book3s64/pgtable.c (6.12), pgtable_free", "case PMD_INDEX"),
            Source("arch/powerpc/include/asm/book3s/64/pgtable.h (6.12)", "enum pgtable_index"),
        ),
        evidence=Evidence.KERNEL,
        monitor=IndexNamesItsFreer(),
        status=over_time({"v4.19": REQUIRED}),
        applies=is_book3s_64,
        where="64-bit Book3S",
    ),
)
