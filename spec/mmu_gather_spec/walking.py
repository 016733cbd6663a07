# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What others do beside a gather: software walkers, hardware walkers, users of the mm, CPUs that come online.

A trace of a port alone holds none of these.  They are what makes a freed table matter: somebody reads it.
A read of an entry carries what was found, so that an agent's program is a list of such events.
"""

from __future__ import annotations

from mmu_gather_spec.event import Event
from mmu_gather_spec.record import record

# --- software walkers ---------------------------------------------------------------


@record(frozen=True, slots=True)
class WalkBegin(Event):
    """A lockless software walk starts at the root.  irqs_on: with interrupts on; that is wrong."""

    irqs_on: bool


@record(frozen=True, slots=True)
class WalkEntry(Event):
    """The walker loads the entry above `table`, once.  present: it still led there."""

    table: int
    present: bool


@record(frozen=True, slots=True)
class WalkLoad(Event):
    """The walker reads an entry of `table`.  fresh: its pointer was loaded in this walk, once."""

    table: int
    fresh: bool


@record(frozen=True, slots=True)
class WalkPte(Event):
    """The walker finds in a table that it reads whether `page` is mapped."""

    page: int
    present: bool


@record(frozen=True, slots=True)
class WalkPin(Event):
    """The walker uses a data page.  speculative: it took a reference, and checked the PTE again."""

    page: int
    speculative: bool


@record(frozen=True, slots=True)
class WalkLock(Event):
    """The walker takes the lock of `table`, which it has found."""

    table: int


@record(frozen=True, slots=True)
class WalkEnd(Event):
    """The walk is over; its table pointers are dead."""


# --- hardware walkers ---------------------------------------------------------------


@record(frozen=True, slots=True)
class CacheEntry(Event):
    """The walk cache of this CPU takes in the entry above `table`, which was present."""

    table: int


@record(frozen=True, slots=True)
class CacheMiss(Event):
    """The hardware found the entry above `table` empty, or what it had cached of it gone."""

    table: int


@record(frozen=True, slots=True)
class HardwareLoad(Event):
    """The hardware walker of this CPU reads an entry of `table`, to which its walk cache led."""

    table: int


@record(frozen=True, slots=True)
class TlbFill(Event):
    """The TLB of this CPU takes in a translation to `page`: from a PTE, or from the hash table."""

    page: int


@record(frozen=True, slots=True)
class HashFill(Event):
    """The hash-fault handler copies a translation to `page` into the hash table.

    locked: the PTE was locked, so that it is mapped still.
    """

    page: int
    locked: bool


@record(frozen=True, slots=True)
class Access(Event):
    """An access of this CPU reaches `page` through the translation in its TLB."""

    page: int


@record(frozen=True, slots=True)
class AccessFault(Event):
    """An access to where `page` was mapped finds no translation."""

    page: int


# --- who wants a page -----------------------------------------------------------------


@record(frozen=True, slots=True)
class FindMapping(Event):
    """Somebody looks through the reverse maps for where `page` is mapped, to take it back or to clean it.

    found: a mapping was there, and is seen to by whoever found it.  Where none is, the page is taken for unmapped.
    """

    page: int
    found: bool


# --- tasks and CPUs -----------------------------------------------------------------


@record(frozen=True, slots=True)
class MmGet(Event):
    """A user of the mm more: mm_users rises by one."""


@record(frozen=True, slots=True)
class MmPut(Event):
    """A user of the mm less: mm_users falls by one."""


@record(frozen=True, slots=True)
class CpuOnline(Event):
    """This CPU has come online."""
