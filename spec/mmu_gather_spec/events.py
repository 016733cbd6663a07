# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The alphabet: everything that can be seen of a gather, one frozen class for each kind.

A trace is a sequence of these events.  Rules are stated over traces and over nothing else,
so the same monitors serve a recorded run, a search over interleavings, and a log taken
from a machine.  An event says what happened, on which CPU, and which agent did it
(`a` and `b` are gathers, `softirq` runs callbacks, `ipi` runs handlers).

Addresses and flags are bare machine words here.  This file knows nothing of ports, of how
a trace was made, or of what is right: that is for `rules`.
"""

from __future__ import annotations

from typing import TypeAlias

from mmu_gather_spec.event import Event, FaultKind
from mmu_gather_spec.record import record
from mmu_gather_spec.s390_context import ContextLock, FlushMm
from mmu_gather_spec.serving import (
    AtomicRead,
    Bug,
    CallbackBegin,
    CallbackEnd,
    CallRcu,
    Dtor,
    Fault,
    FreePage,
    FreePages,
    GetCpuVar,
    GetFreePage,
    GracePeriod,
    Invalidate,
    IpiAck,
    Irqs,
    KmemCacheFree,
    NumOnlineCpus,
    Preempt,
    PutCpuVar,
    RemoveRmap,
    SmpCallFunction,
    TlbFlushPending,
)
from mmu_gather_spec.sharing import ReusePmd, ShareCount, UnlockMapping, UnsharePmd
from mmu_gather_spec.walking import (
    Access,
    AccessFault,
    CacheEntry,
    CacheMiss,
    CpuOnline,
    FindMapping,
    HardwareLoad,
    HashFill,
    MmGet,
    MmPut,
    TlbFill,
    WalkBegin,
    WalkEnd,
    WalkEntry,
    WalkLoad,
    WalkLock,
    WalkPin,
    WalkPte,
)

# --- the machine --------------------------------------------------------------------


@record(frozen=True, slots=True)
class Booted(Event):
    """The first event of every trace: the facts that rules may depend on."""

    arch: str
    era: str
    smp: bool
    bits_per_long: int
    page_size: int
    hash_table: bool
    book3e: bool
    #: capacity of one batch of tables: the macro MAX_TABLE_BATCH for this machine
    max_table_batch: int
    #: MAX_PGTABLE_INDEX_SIZE as the linked arch half defines it
    max_pgtable_index_size: int
    #: names that the linked arch half defines
    provides: frozenset[str]
    #: what the gather was filled with before it was handed over
    poison: int


@record(frozen=True, slots=True)
class Built(Event):
    """One configuration was put to the build: outcome and, if it failed, the symbol."""

    point: str
    select: str
    outcome: str
    missing: str


@record(frozen=True, slots=True)
class Quiescent(Event):
    """The last event: every callback has run and nobody has anything left to do."""


# --- the caller ---------------------------------------------------------------------


@record(frozen=True, slots=True)
class Enter(Event):
    """A call across the link table.  Words are passed as numbers, structs by name."""

    fn: str
    args: tuple[int | str, ...]


@record(frozen=True, slots=True)
class Leave(Event):
    """The return from such a call."""

    fn: str


@record(frozen=True, slots=True)
class DetachVma(Event):
    """The VMA left every reverse map, with mmap_sem held for writing."""

    #: whether it maps pages that the mm keeps no count of
    pfn: bool = False


@record(frozen=True, slots=True)
class Unlink(Event):
    """A table was unhooked from the entry above it.  shift: its index size, 0 for a PTE page."""

    table: int
    shift: int


@record(frozen=True, slots=True)
class ClearPte(Event):
    """ptep_get_and_clear found a mapping of `page` at `addr` and removed it."""

    page: int
    addr: int
    context: int
    #: CPUs that may hold the translation now
    cpus: frozenset[int]
    #: whether the hash table may hold a copy
    hashed: bool


@record(frozen=True, slots=True)
class SkipPte(Event):
    """The caller found the PTE at `addr` clear: somebody else had removed the mapping of `page`."""

    page: int
    addr: int


@record(frozen=True, slots=True)
class Migrate(Event):
    """The task continues on CPU `to`."""

    to: int


# --- the recorder's own -------------------------------------------------------------


@record(frozen=True, slots=True)
class Diverged(Event):
    """With another filling of the gather the port did something else at this point.

    poison: the filling; came: what it did; extra_flush: that was a flush where there was none.
    """

    poison: int
    came: str
    extra_flush: bool


@record(frozen=True, slots=True)
class Shared(Event):
    """With another gather run whole in between, the port did something else at this point."""

    came: str


@record(frozen=True, slots=True)
class Leaked(Event):
    """At quiescence a page that the kernel handed out had not come back."""

    page: int


@record(frozen=True, slots=True)
class FlushRange(Event):
    """What tlb_flush() finds in a gather that keeps a range: told where two ports are compared event by event."""

    start: int
    end: int
    fullmm: int
    need_flush_all: int
    freed_tables: int
    cleared_ptes: int
    cleared_pmds: int
    cleared_puds: int
    cleared_p4ds: int
    #: since tables are unshared by a gather; 0 before
    unshared_tables: int = 0


AnyEvent: TypeAlias = (
    Booted | Built | Quiescent | Enter | Leave | DetachVma | Unlink | ClearPte | SkipPte | Migrate
    | GetFreePage | FreePage | KmemCacheFree | FreePages | Fault
    | CallRcu | GracePeriod | CallbackBegin | CallbackEnd | SmpCallFunction | IpiAck
    | NumOnlineCpus | AtomicRead | TlbFlushPending | RemoveRmap | Preempt | Irqs | Dtor | Bug
    | FlushRange | Invalidate | FlushMm | ContextLock | GetCpuVar | PutCpuVar
    | WalkBegin | WalkEntry | WalkLoad | WalkPte | WalkPin | WalkLock | WalkEnd
    | CacheEntry | CacheMiss | HardwareLoad | TlbFill | HashFill | Access | AccessFault
    | FindMapping | MmGet | MmPut | CpuOnline | UnsharePmd | ShareCount | UnlockMapping | ReusePmd
    | Diverged | Shared | Leaked
)  # fmt: skip

Trace: TypeAlias = tuple[AnyEvent, ...]

__all__ = [
    "Access", "AccessFault", "AnyEvent", "AtomicRead", "Booted", "Bug", "Built", "CacheEntry", "CacheMiss",
    "CallbackBegin", "CallbackEnd", "CallRcu", "ClearPte", "ContextLock", "CpuOnline", "DetachVma", "Diverged",
    "Dtor", "Enter", "Event", "Fault", "FaultKind", "FindMapping", "FlushMm", "FlushRange", "FreePage", "FreePages",
    "GetCpuVar", "GetFreePage", "GracePeriod", "HardwareLoad", "HashFill", "Invalidate", "IpiAck", "Irqs",
    "KmemCacheFree", "Leaked", "Leave", "Migrate", "MmGet", "MmPut", "NumOnlineCpus", "Preempt", "PutCpuVar",
    "Quiescent", "RemoveRmap", "ReusePmd", "ShareCount", "Shared", "SkipPte", "SmpCallFunction", "TlbFill",
    "TlbFlushPending", "Trace", "Unlink", "UnlockMapping", "UnsharePmd",
    "WalkBegin", "WalkEnd", "WalkEntry", "WalkLoad", "WalkLock", "WalkPin", "WalkPte",
]  # fmt: skip
