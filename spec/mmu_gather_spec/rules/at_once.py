# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What is freed at once: below two users, on UP, and in fast mode.

Where hardware reads the Linux tables, a table that is freed before the flush is invalidated all the same; and a page is
freed before the flush only where there is one CPU.

Whether walkers were waited for is not asked here; `separation` and `unbatched` ask that.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.arch import ARCHS
from mmu_gather_spec.events import (
    AnyEvent,
    AtomicRead,
    Booted,
    ClearPte,
    Enter,
    FreePages,
    Invalidate,
    Leave,
    NumOnlineCpus,
    Unlink,
)
from mmu_gather_spec.rule import (
    REQUIRED,
    SUPERSEDED,
    Evidence,
    Level,
    Monitor,
    Rule,
    Source,
    Violation,
    as_written,
    over_time,
)
from mmu_gather_spec.rules.reading import (
    CALLS,
    FREES,
    PAGE_GIVERS,
    Calls,
    Tables,
    calls_after,
    freed,
    given,
    inside,
)
from mmu_gather_spec.rules.translations import READS as TRANSLATIONS
from mmu_gather_spec.rules.translations import Stale, stale_after

#: Calls that let go of everything.
REQUESTS: Final = frozenset({"tlb_flush_mmu", "tlb_finish_mmu"})


class AtOnce(NamedTuple):
    """Tables that hardware may still be led to, the table that each agent gives, and who has seen few users."""

    unhooked: Tables
    giving: frozenset[tuple[str, int]]
    few_users: frozenset[str]
    levels: frozenset[str]
    #: whether the entry above a table is invalidated before it is queued
    entry_first: bool


class ShortcutAfterInvalidation(Monitor[AtOnce]):
    """Where hardware reads the Linux tables, the shortcut is no way around the invalidation.

    On Book3E the entry above a table is invalidated before the table is given: there the shortcut is no known defect.
    """

    reads = (Unlink, Invalidate, Enter, AtomicRead, *FREES)

    def initial(self, boot: Booted, /) -> AtOnce:
        levels = ARCHS[boot.arch].hw_walks_linux_tables
        return AtOnce(frozenset(), frozenset(), frozenset(), levels, boot.book3e)

    def step(self, state: AtOnce, event: AnyEvent, /) -> AtOnce | Violation:
        own = {event.agent}
        match event:
            case Unlink():
                read = ("pmd" if event.shift else "pte") in state.levels
                now = read and not state.entry_first
                return state._replace(unhooked=state.unhooked | {event.table}) if now else state
            case Invalidate(ind=True):
                return state._replace(unhooked=frozenset())
            case Enter() if (table := given(event)) is not None:
                if state.entry_first and event.fn == "pte_free_tlb":
                    # An indirect entry leads to a PTE page, and not to what is given in another way.
                    state = state._replace(unhooked=state.unhooked | {table})
                others = frozenset(entry for entry in state.giving if entry[0] != event.agent)
                return state._replace(giving=others | {(event.agent, table)}, few_users=state.few_users - own)
            case AtomicRead(var="mm_users", value=0 | 1) | AtomicRead(var="mm_cpumask", value=1):
                return state._replace(few_users=state.few_users | own)
            case Invalidate() | Enter() | AtomicRead():
                return state
        early = state.unhooked.intersection(freed(event))
        if event.agent in state.few_users and any((event.agent, table) in state.giving for table in early):
            erratum = None if state.entry_first else "S1"
            return Violation("a table is freed at once, and hardware may still be led to it", event, erratum=erratum)
        return state._replace(unhooked=state.unhooked - early) if early else state


class OnUp(NamedTuple):
    """Tables that hardware may still be led to, and the levels that it reads."""

    unhooked: Tables
    levels: frozenset[str]


class FreedAfterInvalidation(Monitor[OnUp]):
    """On UP, too, what hardware may be led to is not freed."""

    reads = (Unlink, Invalidate, Enter, *FREES)

    def initial(self, boot: Booted, /) -> OnUp:
        return OnUp(frozenset(), ARCHS[boot.arch].hw_walks_linux_tables)

    def step(self, state: OnUp, event: AnyEvent, /) -> OnUp | Violation:
        match event:
            case Unlink():
                read = ("pmd" if event.shift else "pte") in state.levels
                return state._replace(unhooked=state.unhooked | {event.table}) if read else state
            case Invalidate():
                return state._replace(unhooked=frozenset()) if event.ind else state
            case Enter():
                # A table that is given by its arch directly is a directory of huge pages: no PTE page.
                huge = {given(event)} if event.fn == "pgtable_free_tlb" else set[int | None]()
                return state._replace(unhooked=state.unhooked - huge)
        early = state.unhooked.intersection(freed(event))
        if not early:
            return state
        erratum = "S6" if isinstance(event, FreePages) else None
        return Violation(
            "a table is freed that the hardware of the one CPU may still be led to", event, erratum=erratum
        )


class Alone(NamedTuple):
    """Whether one CPU was counted, and the pages whose translations may live on."""

    several: bool
    stale: Stale
    calls: Calls


class FastOnlyAlone(Monitor[Alone]):
    """A page is freed by the call that gives it, before the flush, only where one CPU was counted."""

    reads = (*TRANSLATIONS, *CALLS, FreePages, NumOnlineCpus, AtomicRead)

    def initial(self, boot: Booted, /) -> Alone:
        return Alone(False, frozenset(), ())

    def step(self, state: Alone, event: AnyEvent, /) -> Alone | Violation:
        match event:
            case NumOnlineCpus() | AtomicRead(var="num_possible_cpus"):
                return state._replace(several=event.value > 1)
            case ClearPte() | Invalidate():
                return state._replace(stale=stale_after(state.stale, event))
            case Enter() | Leave():
                return state._replace(calls=calls_after(state.calls, event))
            case FreePages() if state.several and inside(state.calls, event.agent, PAGE_GIVERS):
                if any(copy.page in event.pages for copy in state.stale):
                    return Violation("fast mode, and there are several CPUs", event)
        return state


def hardware_walks_on_up(boot: Booted, /) -> bool:
    """A machine with one CPU whose hardware reads the Linux tables."""
    return not boot.smp and bool(ARCHS[boot.arch].hw_walks_linux_tables)


def hardware_walks_on_smp(boot: Booted, /) -> bool:
    """An SMP machine that batches tables and whose hardware reads them."""
    arch = ARCHS[boot.arch]
    return boot.smp and arch.selects_table_batching and bool(arch.hw_walks_linux_tables)


TLB_H: Final = "include/asm-generic/tlb.h"
MEMORY_C: Final = "mm/memory.c"

RULES: Final = (
    Rule(
        id="order.shortcut-after-invalidation",
        row="C4",
        level=Level.MUST,
        sentence="The shortcut below two users frees no table that hardware reads before it is invalidated.",
        sources=(Source(MEMORY_C, "there cannot be a concurrent page-table walk", (408, 409)),),
        evidence=Evidence.DERIVED,
        monitor=ShortcutAfterInvalidation(),
        status=over_time({"v2.6.37": as_written("S1"), "v4.19": SUPERSEDED}),
        applies=hardware_walks_on_smp,
        where="SMP architectures that batch tables and whose hardware reads them",
    ),
    Rule(
        id="order.up-frees-after-invalidation",
        row="C5",
        level=Level.MUST,
        sentence="On UP, too, a table that hardware may be led to is not freed before it is invalidated.",
        sources=(Source("arch/powerpc/include/asm/pgalloc.h, !CONFIG_SMP", "pgtable_free(table, shift)", (75, 78)),),
        evidence=Evidence.DERIVED,
        monitor=FreedAfterInvalidation(),
        status=over_time({"v2.6.37": as_written("S6"), "v4.19": REQUIRED}),
        applies=hardware_walks_on_up,
        where="UP, where hardware reads the Linux tables",
    ),
    Rule(
        id="order.fast-mode-alone",
        row="C6",
        level=Level.MUST,
        sentence="A page is freed at once, before the flush, only by a gather that counted one CPU.",
        sources=(Source(TLB_H, "tlb_fast_mode(tlb) 1", (260, 260)),),
        evidence=Evidence.RECONSTRUCTED,
        monitor=FastOnlyAlone(),
        status=over_time({"v2.6.37": REQUIRED, "v4.19": SUPERSEDED}),
    ),
)
