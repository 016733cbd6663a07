# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""How the monitors read a trace: a few words that all rules share.

What counts as giving a table to a gather, as freeing one, and as being inside a call.  Nothing
here is a rule.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from mmu_gather_spec.events import (
    AnyEvent,
    Enter,
    Event,
    FreePage,
    FreePages,
    KmemCacheFree,
    Leave,
)
from mmu_gather_spec.words import STRUCT_PAGE

#: Calls that hand a table over; the table is their second argument.
GIVERS: Final = frozenset({"pte_free_tlb", "pmd_free_tlb", "pgtable_free_tlb", "tlb_remove_table"})
#: Calls that begin a gather.
BEGINNERS: Final = frozenset({"tlb_gather_mmu", "tlb_gather_mmu_fullmm", "tlb_gather_mmu_vma"})
#: Calls that hand a page over; the page is their second argument.
PAGE_GIVERS: Final = frozenset({"tlb_remove_page", "__tlb_remove_page", "__tlb_remove_folio_pages"})
#: Calls that end in a flush if there is something to flush.
FLUSHERS: Final = frozenset({"tlb_flush_mmu", "tlb_finish_mmu", "tlb_remove_page"})
#: Calls that say: something was unmapped.
REMOVERS: Final = frozenset(
    {
        *PAGE_GIVERS, "tlb_remove_table", "tlb_remove_tlb_entry", "pte_free_tlb", "pmd_free_tlb",
        "tlb_unshare_pmd_ptdesc",
    }
)  # fmt: skip
#: Bits that can hold a shift; a table has them clear.
INDEX_BITS: Final = 0xF

#: Open calls, innermost last, of all agents.
Calls: TypeAlias = tuple[tuple[str, str], ...]
Tables: TypeAlias = frozenset[int]

CALLS: Final[tuple[type[Event], ...]] = (Enter, Leave)
FREES: Final[tuple[type[Event], ...]] = (FreePage, KmemCacheFree, FreePages)


def of_whole_mm(event: Enter, /) -> bool:
    """Whether a gather begins that is known to be of a whole address space by how it begins: since v3.11."""
    if event.fn == "tlb_gather_mmu_fullmm":
        return True
    match event.args:
        case (_, _, 0, int(end)):
            return end in (0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF)
    return False


def given(event: AnyEvent, /) -> int | None:
    """The table that this event hands to a gather, if it does."""
    if not isinstance(event, Enter) or event.fn not in GIVERS:
        return None
    word = event.args[1]
    return word & ~INDEX_BITS if isinstance(word, int) else None


def pages_given(event: AnyEvent, /) -> tuple[int, ...]:
    """The pages that this event hands to a gather: one, or a run of pages of one folio."""
    match event:
        case Enter(fn="__tlb_remove_folio_pages", args=(_, int(page), int(count), *_)):
            return tuple(page + n * STRUCT_PAGE for n in range(count))
        case Enter(fn=fn, args=(_, int(page), *_)) if fn in PAGE_GIVERS:
            return (page,)
    return ()


def freed(event: AnyEvent, /) -> tuple[int, ...]:
    """The addresses that this event frees: tables, user pages, or kernel pages."""
    if isinstance(event, (FreePage, KmemCacheFree)):
        return (event.addr,)
    return event.pages if isinstance(event, FreePages) else ()


def calls_after(calls: Calls, event: AnyEvent, /) -> Calls:
    """The open calls after an event."""
    if isinstance(event, Enter):
        return (*calls, (event.agent, event.fn))
    if isinstance(event, Leave):
        last = (event.agent, event.fn)
        for at in range(len(calls) - 1, -1, -1):
            if calls[at] == last:
                return calls[:at] + calls[at + 1 :]
    return calls


def inside(calls: Calls, agent: str, fns: frozenset[str], /) -> bool:
    """Whether an agent is inside one of these calls."""
    for who, fn in calls:  # noqa: SIM110 - asked at nearly every event
        if who == agent and fn in fns:
            return True
    return False
