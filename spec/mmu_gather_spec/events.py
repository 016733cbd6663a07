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

from mmu_gather_spec.context import ContextLock, FlushMm
from mmu_gather_spec.event import Event, FaultKind
from mmu_gather_spec.record import record
from mmu_gather_spec.walking import (
    Access,
    AccessFault,
    CacheEntry,
    CacheMiss,
    CpuOnline,
    HardwareLoad,
    HashFill,
    MmGet,
    MmPut,
    TlbFill,
    WalkBegin,
    WalkEnd,
    WalkEntry,
    WalkLoad,
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


# --- memory -------------------------------------------------------------------------


@record(frozen=True, slots=True)
class GetFreePage(Event):
    """__get_free_pages answered; page is None where the allocation failed."""

    page: int | None
    gfp_mask: int


@record(frozen=True, slots=True)
class FreePage(Event):
    """free_pages: kernel memory, or a PTE table, went back to the allocator."""

    addr: int


@record(frozen=True, slots=True)
class KmemCacheFree(Event):
    """A table went back to PGT_CACHE(index)."""

    index: int
    addr: int


@record(frozen=True, slots=True)
class FreePages(Event):
    """free_pages_and_swap_cache: user pages were let go, in this order."""

    pages: tuple[int, ...]


@record(frozen=True, slots=True)
class Fault(Event):
    """An access or a free that no correct kernel code makes."""

    kind: FaultKind
    addr: int


# --- RCU and other CPUs -------------------------------------------------------------


@record(frozen=True, slots=True)
class CallRcu(Event):
    """A callback was queued.  tables: what it goes on to free, in order, as recorded."""

    head: int
    flavour: str
    tables: tuple[int, ...]


@record(frozen=True, slots=True)
class GracePeriod(Event):
    """A grace period ended.  head: the callback it lets run; 0 where a task waited for it."""

    head: int
    flavour: str


@record(frozen=True, slots=True)
class CallbackBegin(Event):
    """softirq begins to run the callback of `head`."""

    head: int


@record(frozen=True, slots=True)
class CallbackEnd(Event):
    """The callback of `head` has returned."""

    head: int


@record(frozen=True, slots=True)
class SmpCallFunction(Event):
    """An IPI was sent to `cpus`.  online: all CPUs that were online, this one included."""

    cpus: frozenset[int]
    online: frozenset[int]
    wait: bool
    #: whether this CPU could take interrupts itself
    irqs_on: bool


@record(frozen=True, slots=True)
class IpiAck(Event):
    """`cpu` has run the handler."""


@record(frozen=True, slots=True)
class NumOnlineCpus(Event):
    """num_online_cpus answered."""

    value: int


@record(frozen=True, slots=True)
class AtomicRead(Event):
    """atomic_read answered."""

    var: str
    value: int


@record(frozen=True, slots=True)
class TlbFlushPending(Event):
    """This gather became pending on its mm, or is so no longer; others read it as `tlb_flush_pending`."""

    pending: bool


@record(frozen=True, slots=True)
class RemoveRmap(Event):
    """Pages lost a reverse map: from here on nobody finds this mapping from the page."""

    pages: tuple[int, ...]
    #: whether one of them is a file's, and was written to
    dirty: bool = False


@record(frozen=True, slots=True)
class Preempt(Event):
    """The preemption count of this task changed to `depth`."""

    depth: int


@record(frozen=True, slots=True)
class Irqs(Event):
    """Interrupts were switched on or off on this CPU."""

    on: bool


@record(frozen=True, slots=True)
class Dtor(Event):
    """pgtable_page_dtor: the lock and the accounting of a PTE page are gone."""

    table: int


@record(frozen=True, slots=True)
class Bug(Event):
    """BUG(): this agent has ended."""

    expression: str


# --- translations -------------------------------------------------------------------


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


@record(frozen=True, slots=True)
class Invalidate(Event):
    """Translations were dropped on `cpus`.  addrs and span None: all of the context (-1: of any)."""

    op: str
    context: int
    addrs: tuple[int, ...] | None
    cpus: frozenset[int]
    #: whether entries that lead to tables are dropped as well
    ind: bool
    #: where a range was invalidated: from the first address to the one behind the last
    span: tuple[int, int] | None = None

    def covers(self, addr: int, /) -> bool:
        """Whether the translation of an address is among what was dropped."""
        if self.span is not None:
            return self.span[0] <= addr < self.span[1]
        return self.addrs is None or addr in self.addrs


@record(frozen=True, slots=True)
class GetCpuVar(Event):
    """get_cpu_var() of hash64's batch, or of sparc64's: how many entries wait, of which context."""

    index: int
    context: int


@record(frozen=True, slots=True)
class PutCpuVar(Event):
    """put_cpu_var() of it: how many entries wait now."""

    index: int


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


AnyEvent: TypeAlias = (
    Booted | Built | Quiescent | Enter | Leave | DetachVma | Unlink | ClearPte | SkipPte | Migrate
    | GetFreePage | FreePage | KmemCacheFree | FreePages | Fault
    | CallRcu | GracePeriod | CallbackBegin | CallbackEnd | SmpCallFunction | IpiAck
    | NumOnlineCpus | AtomicRead | TlbFlushPending | RemoveRmap | Preempt | Irqs | Dtor | Bug
    | FlushRange | Invalidate | FlushMm | ContextLock | GetCpuVar | PutCpuVar
    | WalkBegin | WalkEntry | WalkLoad | WalkPte | WalkPin | WalkEnd
    | CacheEntry | CacheMiss | HardwareLoad | TlbFill | HashFill | Access | AccessFault
    | MmGet | MmPut | CpuOnline | Diverged | Shared | Leaked
)  # fmt: skip

Trace: TypeAlias = tuple[AnyEvent, ...]

__all__ = [
    "Access", "AccessFault", "AnyEvent", "AtomicRead", "Booted", "Bug", "Built", "CacheEntry", "CacheMiss",
    "CallRcu", "CallbackBegin", "CallbackEnd", "ClearPte", "ContextLock", "CpuOnline", "DetachVma", "Diverged",
    "Dtor", "Enter", "Event", "Fault", "FaultKind", "FlushMm", "FlushRange", "FreePage", "FreePages", "GetCpuVar",
    "GetFreePage", "GracePeriod", "HardwareLoad", "HashFill", "Invalidate", "IpiAck", "Irqs", "KmemCacheFree",
    "Leaked", "Leave", "Migrate", "MmGet", "MmPut", "NumOnlineCpus", "Preempt", "PutCpuVar", "Quiescent",
    "RemoveRmap", "Shared", "SkipPte", "SmpCallFunction", "TlbFill", "TlbFlushPending", "Trace", "Unlink",
    "WalkBegin", "WalkEnd", "WalkEntry", "WalkLoad", "WalkPin", "WalkPte",
]  # fmt: skip
