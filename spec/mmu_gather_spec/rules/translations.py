# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Which translations may still be in use: what every rule on invalidation counts.

Between the clearing of a PTE and its invalidation a translation lives on, in the hash table or in
the TLBs of the CPUs that may have loaded it.  `Stale` is the set of those places.  It is a count
of what may be, not of what is: a rule that needs certainty has to flush.

On s390 such a place may be *idle*: it still holds the translation, and nobody uses that, since who comes to run the mm
there drops it first.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

from mmu_gather_spec.events import AnyEvent, ClearPte, Event, FlushMm, Invalidate

#: Stands for the hash table among the CPUs.
HASH_TABLE: Final = -1


class Copy(NamedTuple):
    """One place that may hold a translation."""

    page: int
    addr: int
    context: int
    cpu: int
    #: the gather that unmapped it
    agent: str
    #: whether nobody uses it any more before it is dropped
    idle: bool = False


Stale: TypeAlias = frozenset[Copy]

READS: Final[tuple[type[Event], ...]] = (ClearPte, Invalidate, FlushMm)


def stale_after(stale: Stale, event: AnyEvent, /) -> Stale:
    """The places that may hold a dead translation after this event."""
    if isinstance(event, ClearPte):
        places = event.cpus | ({HASH_TABLE} if event.hashed else frozenset())
        return stale | {Copy(event.page, event.addr, event.context, cpu, event.agent) for cpu in places}
    if isinstance(event, Invalidate):
        return frozenset(copy for copy in stale if not _drops(event, copy))
    if isinstance(event, FlushMm) and event.on:
        return frozenset(copy._replace(idle=copy.idle or _is_left(event, copy)) for copy in stale)
    return stale


def in_use(stale: Stale, /) -> list[Copy]:
    """The places that somebody may use, in order."""
    return sorted(copy for copy in stale if not copy.idle)


def of_gather(stale: Stale, agent: str, /) -> list[int]:
    """The CPUs that may hold what one gather has unmapped, the hash table first."""
    return sorted(copy.cpu for copy in stale if copy.agent == agent)


def place(cpu: int, /) -> str:
    """A place in words."""
    return "the hash table" if cpu == HASH_TABLE else f"the TLB of cpu{cpu}"


def _is_left(event: FlushMm, copy: Copy) -> bool:
    """Whether nobody runs the mm at a place when it is marked: it is not attached there, or the marking CPU's own."""
    return copy.context == event.context and copy.cpu not in event.cpus - {event.cpu}


def _drops(event: Invalidate, copy: Copy) -> bool:
    """Whether an invalidation reaches one place."""
    if event.context not in (-1, copy.context):
        return False
    if not event.covers(copy.addr):
        return False
    if copy.cpu == HASH_TABLE:
        return event.op.startswith("flush_hash")
    return copy.cpu in event.cpus
