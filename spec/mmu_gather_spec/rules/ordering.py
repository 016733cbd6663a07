# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Unhook, invalidate, free: nothing that can still be reached is freed.

The oldest part of the law.  A page can be reached through an entry, or through a translation that a CPU or the hash
table has cached.  So it is unhooked before a gather gets it, no translation lives on when it is freed, and none
lives on when the gather is finished.

What the flush owes in between is in `flushing`; what a table needs besides, because of those who walk without a
lock, is in `separation`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.events import (
    AnyEvent,
    AtomicRead,
    Booted,
    ClearPte,
    Enter,
    FreePage,
    FreePages,
    KmemCacheFree,
    Leave,
    NumOnlineCpus,
    Unlink,
)
from mmu_gather_spec.rule import (
    ALWAYS,
    REQUIRED,
    Binds,
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
    FREES,
    Tables,
    freed,
    pages_given,
)
from mmu_gather_spec.rules.translations import READS as TRANSLATIONS
from mmu_gather_spec.rules.translations import Stale, in_use, of_gather, place, stale_after

TLB_H: Final = "include/asm-generic/tlb.h"


class Unhooked(Monitor[Tables]):
    """What was unhooked so far; giving anything else is the caller's fault."""

    reads = (Unlink, ClearPte, Enter)

    def initial(self, boot: Booted, /) -> Tables:
        return frozenset()

    def step(self, state: Tables, event: AnyEvent, /) -> Tables | Violation:
        match event:
            case Unlink():
                return state | {event.table}
            case ClearPte():
                return state | {event.page}
            case Enter() if pages := pages_given(event):
                return state if state.issuperset(pages) else Violation("a page that is still mapped", event)
            case Enter(fn="pte_free_tlb" | "pmd_free_tlb" | "pgtable_free_tlb"):
                if event.args[1] in state:
                    return state
                return Violation("a table that its parent entry still points to", event)
            case _:
                return state


class PagesState(NamedTuple):
    """For pages: where translations live on, and whether one CPU was counted."""

    stale: Stale
    single: bool


class PageAfterFlush(Monitor[PagesState]):
    """No page is let go while a translation to it may live on."""

    reads = (*TRANSLATIONS, *FREES, NumOnlineCpus, AtomicRead)

    def initial(self, boot: Booted, /) -> PagesState:
        return PagesState(frozenset(), not boot.smp)

    def step(self, state: PagesState, event: AnyEvent, /) -> PagesState | Violation:
        match event:
            case FreePages() | FreePage() | KmemCacheFree():
                gone = freed(event)
                for copy in in_use(state.stale):
                    if copy.page in gone:
                        reason = f"{place(copy.cpu)} may still translate to a page that is freed"
                        return Violation(reason, event, erratum="S6" if state.single else None)
                return state
            case NumOnlineCpus() | AtomicRead(var="num_possible_cpus"):
                return state._replace(single=event.value == 1)
            case _:
                return state._replace(stale=stale_after(state.stale, event))


class NothingStale(Monitor[Stale]):
    """When the gather is finished no translation for what it unmapped may live on."""

    reads = (*TRANSLATIONS, Leave)

    def initial(self, boot: Booted, /) -> Stale:
        return frozenset()

    def step(self, state: Stale, event: AnyEvent, /) -> Stale | Violation:
        if isinstance(event, Leave):
            if event.fn == "tlb_finish_mmu" and (left := of_gather(state, event.agent)):
                return Violation(f"{place(left[0])} may still hold a translation that was unmapped", event)
            return state
        return stale_after(state, event)


RULES: Final = (
    Rule(
        id="order.unhooked-before-given",
        row="A1",
        level=Level.MUST,
        sentence="A table or page is unhooked from every entry above it before it is given to the gather.",
        sources=(
            Source(TLB_H, "unlink the page, flush TLBs, free the page", (273, 276)),
        ),
        evidence=Evidence.SEED,
        monitor=Unhooked(),
        status=ALWAYS,
        binds=Binds.CALLER,
    ),
    Rule(
        id="order.page-freed-after-flush",
        row="A2",
        level=Level.MUST,
        sentence="A page of user data is not freed while any translation to it may still be in use.",
        sources=(
            Source(TLB_H, "tlb_fast_mode(tlb) 1", (260, 260)),
            Source(TLB_H + " (6.12)", "no live translations left"),
        ),
        evidence=Evidence.RECONSTRUCTED,
        monitor=PageAfterFlush(),
        status=over_time({"v2.6.37": as_written("S6"), "v4.19": REQUIRED}),
    ),
    Rule(
        id="order.nothing-stale-after-finish",
        row="A7",
        level=Level.MUST,
        sentence="When tlb_finish_mmu() returns, no translation for what the gather unmapped is in use any more.",
        sources=(Source("Documentation/core-api/cachetlb.rst", "flush_tlb_mm: no entries in the TLB"),),
        evidence=Evidence.DERIVED,
        monitor=NothingStale(),
        status=ALWAYS,
    ),
)  # fmt: skip
