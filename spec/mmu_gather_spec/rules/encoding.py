# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The encoding: a table takes its shift along in address bits that alignment keeps clear.

What goes in comes out again, the freer that the shift names gets the table, and generic code
between them does not look.  A shift that does not fit is a bug, found before anything is queued.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.arch import ARCHS, Encoding
from mmu_gather_spec.events import (
    AnyEvent,
    Booted,
    Bug,
    CallRcu,
    Enter,
    FreePage,
    FreePages,
    GetFreePage,
    KmemCacheFree,
    Leave,
    Unlink,
)
from mmu_gather_spec.pgtable_index import has_index
from mmu_gather_spec.rule import (
    ALWAYS,
    REQUIRED,
    SUPERSEDED,
    Binds,
    Evidence,
    Level,
    Monitor,
    Rule,
    Source,
    Violation,
    as_written,
    batches_tables,
    over_time,
)
from mmu_gather_spec.rules.reading import CALLS, FREES, INDEX_BITS, Calls, Tables, calls_after, freed, inside


class Shift(NamedTuple):
    """A shift that is being given and does not fit, by the agent that gives it."""

    most: int
    agent: str
    shift: int
    bad: bool


class ShiftInRange(Monitor[Shift]):
    """A shift out of range BUGs before the call does anything else."""

    reads = (Enter, Leave, Bug, *FREES)

    def initial(self, boot: Booted, /) -> Shift:
        return Shift(boot.max_pgtable_index_size, "", 0, False)

    def step(self, state: Shift, event: AnyEvent, /) -> Shift | Violation:
        match event:
            case Enter(fn="pgtable_free_tlb"):
                shift = event.args[2]
                bad = isinstance(shift, int) and not 0 <= shift <= state.most
                return Shift(state.most, event.agent, shift if isinstance(shift, int) else 0, bad)
            case Bug():
                return state._replace(bad=False)
            case Enter(fn=fn) if fn not in {"tlb_remove_table", "tlb_remove_page"}:
                return state
            case Leave(fn=fn) if fn != "pgtable_free_tlb":
                return state
            case Enter() | Leave() | FreePage() | KmemCacheFree() | FreePages() if (
                state.bad and event.agent == state.agent
            ):
                known = "S8" if state.shift < 0 else None
                reason = f"shift {state.shift} was taken where 0 to {state.most} are legal"
                return Violation(reason, event, erratum=known)
        return state


class OnlyZero(Monitor[Shift]):
    """On 32-bit a shift other than 0 BUGs, when it is queued or when it is freed."""

    reads = (Enter, Leave, Bug)

    def initial(self, boot: Booted, /) -> Shift:
        return Shift(0, "", 0, False)

    def step(self, state: Shift, event: AnyEvent, /) -> Shift | Violation:
        match event:
            case Enter(fn="pgtable_free_tlb"):
                shift = event.args[2]
                return Shift(0, event.agent, 0, isinstance(shift, int) and shift > 0)
            case Bug():
                return state._replace(bad=False)
            case Leave(fn="pgtable_free_tlb") if state.bad:
                return Violation("a table with a shift was taken where every table is a page", event)
        return state


class Aligned(Monitor[int]):
    """A table has the bits clear that hold the shift."""

    reads = (Unlink,)

    def initial(self, boot: Booted, /) -> int:
        return boot.max_pgtable_index_size

    def step(self, state: int, event: AnyEvent, /) -> int | Violation:
        if isinstance(event, Unlink) and event.table & state:
            return Violation("a table whose address has bits set that hold the shift", event)
        return state


class MaskOfOnes(Monitor[bool]):
    """MAX_PGTABLE_INDEX_SIZE is a mask, and the architecture's own."""

    reads = (Unlink, Enter)

    def initial(self, boot: Booted, /) -> bool:
        most = boot.max_pgtable_index_size
        return most & (most + 1) == 0

    def step(self, state: bool, event: AnyEvent, /) -> bool | Violation:
        return state or Violation("MAX_PGTABLE_INDEX_SIZE is not one less than a power of two", event)


class Encoded(NamedTuple):
    """The tables that were unhooked, with their shifts, and the kernel's own pages."""

    tables: frozenset[tuple[int, int]]
    kernel_pages: Tables
    index_bits: int


class _Decoding(Monitor[Encoded]):
    """Compares what is freed with what was unhooked."""

    reads = (Unlink, GetFreePage, FreePage, KmemCacheFree)

    def initial(self, boot: Booted, /) -> Encoded:
        return Encoded(frozenset(), frozenset(), boot.max_pgtable_index_size)

    def step(self, state: Encoded, event: AnyEvent, /) -> Encoded | Violation:
        match event:
            case Unlink():
                return state._replace(tables=state.tables | {(event.table, event.shift)})
            case GetFreePage() if event.page is not None:
                return state._replace(kernel_pages=state.kernel_pages | {event.page})
            case FreePage() if event.addr not in state.kernel_pages:
                return self.compare(state, event, event.addr, 0) or state
            case KmemCacheFree():
                return self.compare(state, event, event.addr, event.index) or state
        return state

    def compare(self, state: Encoded, event: AnyEvent, addr: int, shift: int, /) -> Violation | None:
        """What is wrong with freeing `addr` with `shift`?"""
        if (addr, shift) in state.tables:
            return None
        if all(table != addr for table, _ in state.tables):
            return Violation("something is freed at an address where no table was", event)
        known = next(index for table, index in state.tables if table == addr)
        return Violation(f"a table of shift {known} is freed with shift {shift}", event)


class RoundTrip(_Decoding):
    """Address and shift come out as they went in."""


class ZeroIsAPage(_Decoding):
    """Shift 0 goes to the page allocator, any other to the cache of that shift."""

    def compare(self, state: Encoded, event: AnyEvent, addr: int, shift: int, /) -> Violation | None:
        """Is it the right freer?"""
        if (addr, 0) in state.tables:
            return Violation("a PTE page is given to a cache", event) if isinstance(event, KmemCacheFree) else None
        known = next((index for table, index in state.tables if table == addr), 0)
        if known > 0 and isinstance(event, FreePage):
            return Violation(f"a table of shift {known} is given to the page allocator", event)
        return None


class Passed(NamedTuple):
    """The open calls, the words that generic code was given, and the tables that they stand for."""

    calls: Calls
    words: frozenset[int]
    tables: Tables
    #: whether the arch puts more into a word than the table's address: then it leads to no ptdesc
    encoded: bool


class Opaque(Monitor[Passed]):
    """What generic code hands back is what it was given, bit for bit; it frees no such table by itself.

    Nor does it look for an rcu_head behind the word, where its arch has put more into it than where the table is.
    """

    reads = (*CALLS, *FREES, CallRcu)

    def initial(self, boot: Booted, /) -> Passed:
        encoded = ARCHS[boot.arch].encoding in (Encoding.SHIFT, Encoding.PAGE_BIT)
        return Passed((), frozenset(), frozenset(), encoded)

    def step(self, state: Passed, event: AnyEvent, /) -> Passed | Violation:
        match event:
            case Enter(fn="tlb_remove_table", args=(_, int(word))):
                state = state._replace(words=state.words | {word}, tables=state.tables | {word & ~INDEX_BITS})
            case Enter(fn="__tlb_remove_table") if event.args[0] not in state.words:
                return Violation("__tlb_remove_table is given a word that tlb_remove_table was not", event)
            case CallRcu():
                if state.encoded and event.head & ~INDEX_BITS in state.tables:
                    return Violation("generic code takes a word that its arch has made for a ptdesc", event)
                return state
            case FreePage() | KmemCacheFree() | FreePages():
                by_arch = inside(state.calls, event.agent, frozenset({"__tlb_remove_table"}))
                if not by_arch and not state.tables.isdisjoint(freed(event)):
                    return Violation("generic code frees a table without __tlb_remove_table", event)
                return state
        return state._replace(calls=calls_after(state.calls, event))


def powerpc(boot: Booted, /) -> bool:
    """Where the encoding is: on powerpc, SMP or UP."""
    arch = ARCHS[boot.arch]
    return arch.selects_table_batching and arch.encoding is Encoding.SHIFT


def says_the_size(boot: Booted, /) -> bool:
    """Where a word says how large its table is: on powerpc, but for 64-bit Book3S later."""
    return powerpc(boot) and not has_index(boot.arch, boot.era)


def thirty_two(boot: Booted, /) -> bool:
    """Where every table is a page, whatever mask the port declares."""
    pages_only = boot.bits_per_long == 32 or ARCHS[boot.arch].max_pgtable_index_size == 0
    return powerpc(boot) and (pages_only or boot.max_pgtable_index_size == 0)


PGALLOC_H: Final = "arch/powerpc/include/asm/pgalloc.h"
PGALLOC_64_H: Final = "arch/powerpc/include/asm/pgalloc-64.h"
RULES: Final = (
    Rule(
        id="encoding.shift-in-range",
        row="F1",
        level=Level.MUST,
        sentence="A shift below 0 or above MAX_PGTABLE_INDEX_SIZE BUGs before the table is queued or freed.",
        sources=(Source(PGALLOC_H, "BUG_ON(shift > MAX_PGTABLE_INDEX_SIZE)", (62, 62)),),
        evidence=Evidence.SEED,
        monitor=ShiftInRange(),
        status=over_time({"v2.6.37": REQUIRED, "rfc-2010": as_written("S8")}),
        applies=powerpc,
        where="powerpc",
    ),
    Rule(
        id="encoding.table-aligned",
        row="F2",
        level=Level.MUST,
        sentence="A table's address has every bit clear that the encoding uses.",
        sources=(Source(PGALLOC_64_H, "must be aligned to allow at least enough low 0 bits"),),
        evidence=Evidence.KERNEL,
        monitor=Aligned(),
        status=ALWAYS,
        binds=Binds.CALLER,
        applies=powerpc,
        where="powerpc",
    ),
    Rule(
        id="encoding.mask-of-ones",
        row="F3",
        level=Level.MUST,
        sentence="MAX_PGTABLE_INDEX_SIZE is one less than a power of two, since it is also the mask.",
        sources=(Source(PGALLOC_64_H, "it must be one less than a power of two"),),
        evidence=Evidence.KERNEL,
        monitor=MaskOfOnes(),
        status=ALWAYS,
        applies=powerpc,
        where="powerpc",
    ),
    Rule(
        id="encoding.round-trip",
        row="F4",
        level=Level.MUST,
        sentence="A table is freed at the address and with the shift with which it was given.",
        sources=(Source(PGALLOC_H, "(unsigned long)_table & ~MAX_PGTABLE_INDEX_SIZE", (69, 72)),),
        evidence=Evidence.SEED,
        monitor=RoundTrip(),
        status=ALWAYS,
        applies=says_the_size,
        where="powerpc; since v4.19 not 64-bit Book3S",
    ),
    Rule(
        id="encoding.zero-is-a-page",
        row="F5",
        level=Level.MUST,
        sentence="A table of shift 0 goes back to the page allocator, any other to the cache of its shift.",
        sources=(Source(PGALLOC_64_H, "pgtable_free"),),
        evidence=Evidence.KERNEL,
        monitor=ZeroIsAPage(),
        status=ALWAYS,
        applies=says_the_size,
        where="powerpc; since v4.19 not 64-bit Book3S",
    ),
    Rule(
        id="encoding.opaque-to-generic",
        row="F6",
        level=Level.MUST,
        sentence="Generic code passes the word it was given to __tlb_remove_table() unchanged.",
        sources=(Source("mm/memory.c", "__tlb_remove_table(batch->tables[i])", (386, 386)),),
        evidence=Evidence.SEED,
        monitor=Opaque(),
        status=over_time({"rfc-2010": REQUIRED}),
        applies=batches_tables,
        where="SMP architectures that batch tables; since v5.7 UP ones, too",
    ),
    Rule(
        id="encoding.only-zero-on-32-bit",
        row="F7",
        level=Level.MUST,
        sentence="Where every table is a page, any shift but 0 BUGs.",
        sources=(Source("arch/powerpc/include/asm/pgalloc-32.h", "all levels are just drawn from get_free_page"),),
        evidence=Evidence.KERNEL,
        monitor=OnlyZero(),
        status=over_time({"v2.6.37": REQUIRED, "v5.7": SUPERSEDED}),
        applies=thirty_two,
        where="32-bit powerpc",
    ),
)
