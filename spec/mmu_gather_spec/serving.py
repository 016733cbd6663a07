# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What the kernel does for a gather: an event for each service that was asked, and for what came of it later.

The services are in `kernel`.  An event has what was asked and what was answered, and the CPU on which that was; a
callback that runs and an IPI that is answered are events of their own, of whoever runs them.
"""

from __future__ import annotations

from mmu_gather_spec.event import Event, FaultKind
from mmu_gather_spec.record import record

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


# --- RCU ----------------------------------------------------------------------------


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


# --- other CPUs ---------------------------------------------------------------------


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
class Preempt(Event):
    """The preemption count of this task changed to `depth`."""

    depth: int


@record(frozen=True, slots=True)
class Irqs(Event):
    """Interrupts were switched on or off on this CPU."""

    on: bool


# --- the address space --------------------------------------------------------------


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
class Dtor(Event):
    """pgtable_page_dtor: the lock and the accounting of a PTE page are gone."""

    table: int


@record(frozen=True, slots=True)
class Bug(Event):
    """BUG(): this agent has ended."""

    expression: str


# --- translations -------------------------------------------------------------------


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
