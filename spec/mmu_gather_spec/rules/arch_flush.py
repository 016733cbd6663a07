# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What each architecture's flush has to reach, and when.

hash32 drops a hash entry together with its PTE and has nothing left to do; hash64 lets such drops wait
in a batch of this CPU's; nohash tells the CPUs that may hold translations, and drops what hardware
keeps of a table before that table is queued.  One post-condition serves them all.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from mmu_gather_spec.events import (
    AnyEvent,
    Booted,
    ClearPte,
    Enter,
    GetCpuVar,
    Invalidate,
    Leave,
    NumOnlineCpus,
    PutCpuVar,
    SmpCallFunction,
)
from mmu_gather_spec.rule import ALWAYS, Evidence, Level, Monitor, Rule, Source, Violation
from mmu_gather_spec.rules.reading import CALLS, FREES, Calls, calls_after, freed, inside
from mmu_gather_spec.rules.translations import HASH_TABLE, Stale, of_gather, place, stale_after
from mmu_gather_spec.rules.translations import READS as TRANSLATIONS

FLUSH: Final = frozenset({"tlb_flush"})
#: Calls that queue a table once the arch has done its part.
QUEUERS: Final = frozenset({"tlb_remove_table", "pgtable_free_tlb"})


class Hash32(NamedTuple):
    """Whether there is a hash table, entries that wait for their drop, and the running flush."""

    table: bool
    calls: Calls
    stale: Stale
    whole: bool


class Hash32Flush(Monitor[Hash32]):
    """The whole TLB where there is no hash table; otherwise nothing, since the entries are gone."""

    reads = (*CALLS, *TRANSLATIONS)

    def initial(self, boot: Booted, /) -> Hash32:
        return Hash32(boot.hash_table, (), frozenset(), False)

    def step(self, state: Hash32, event: AnyEvent, /) -> Hash32 | Violation:
        flushing = inside(state.calls, event.agent, FLUSH)
        match event:
            case Enter(fn="tlb_flush"):
                if HASH_TABLE in of_gather(state.stale, event.agent):
                    return Violation("tlb_flush begins and a hash entry of a cleared PTE is still there", event)
                state = state._replace(whole=False)
            case Invalidate() if flushing and state.table:
                return Violation(f"{event.op} although there is a hash table", event)
            case Invalidate(op="_tlbia") if flushing:
                state = state._replace(whole=True)
            case Leave(fn="tlb_flush") if not state.table and not state.whole:
                return Violation("tlb_flush without _tlbia where there is no hash table", event)
            case _:
                pass
        return state._replace(calls=calls_after(state.calls, event), stale=stale_after(state.stale, event))


class Hash64(NamedTuple):
    """The running flush, what its CPU's batch held when it looked, and what was dropped."""

    calls: Calls
    looked: bool
    left: int


class Hash64Flush(Monitor[Hash64]):
    """tlb_flush looks at this CPU's batch and leaves it empty."""

    #: what the batch is called
    batch = "hash batch"
    reads = (*CALLS, GetCpuVar, PutCpuVar)

    def initial(self, boot: Booted, /) -> Hash64:
        return Hash64((), False, 0)

    def step(self, state: Hash64, event: AnyEvent, /) -> Hash64 | Violation:
        flushing = inside(state.calls, event.agent, FLUSH)
        match event:
            case GetCpuVar() if flushing:
                return state._replace(looked=True, left=event.index)
            case PutCpuVar() if flushing:
                return state._replace(left=event.index)
            case Enter(fn="tlb_flush"):
                return Hash64(calls_after(state.calls, event), False, 0)
            case Leave(fn="tlb_flush") if not state.looked:
                return Violation(f"tlb_flush did not look at this CPU's {self.batch}", event)
            case Leave(fn="tlb_flush") if state.left:
                return Violation(f"tlb_flush left {state.left} entries in this CPU's {self.batch}", event)
            case _:
                return state._replace(calls=calls_after(state.calls, event))


class Batched(NamedTuple):
    """Entries in the hash batch when it was taken, how many of them were dropped since, and of which mm they are."""

    held: int
    dropped: int
    context: int
    #: CPUs in whose batches entries stayed, with the mm of these
    stayed: frozenset[tuple[int, int]]

    def put_back(self, event: PutCpuVar, /) -> Batched:
        """The batch is put back: entries that were in it and not dropped stay."""
        stayed = frozenset(entry for entry in self.stayed if entry[0] != event.cpu)
        return self._replace(stayed=stayed | {(event.cpu, self.context)} if self.held > self.dropped else stayed)


class Hash64Drops(Monitor[Batched]):
    """An entry leaves the batch only by being dropped from the table in memory that TLBs are filled from."""

    batch = "hash batch"
    #: how what drops entries begins
    drops = "flush_hash"
    reads = (GetCpuVar, PutCpuVar, Invalidate)

    def initial(self, boot: Booted, /) -> Batched:
        return Batched(0, 0, 0, frozenset())

    def step(self, state: Batched, event: AnyEvent, /) -> Batched | Violation:
        match event:
            case GetCpuVar():
                if any(cpu == event.cpu and context != event.context for cpu, context in state.stayed):
                    return Violation(f"entries in the {self.batch} have become another mm's", event)
                return Batched(event.index, 0, event.context, state.stayed)
            case Invalidate(context=state.context) if event.op.startswith(self.drops) and event.addrs is not None:
                return state._replace(dropped=state.dropped + len(event.addrs))
            case PutCpuVar() if event.index < state.held - state.dropped:
                lost = state.held - state.dropped - event.index
                return Violation(f"{lost} entries left the {self.batch} and were not dropped", event)
            case PutCpuVar():
                return state.put_back(event)
            case _:
                return state


class Indirect(NamedTuple):
    """A PTE table that is being given, where it was mapped, and who may still keep the entry above it."""

    online: frozenset[int]
    table: int
    addr: int
    cpus: frozenset[int]
    #: the hardware's id of the address space, once it was seen
    context: int | None

    def is_meant_by(self, event: Invalidate, /) -> bool:
        """Whether an invalidation is of the entry above this table."""
        return (event.addrs is None or self.addr in event.addrs) and (
            self.context is None or event.context in (-1, self.context)
        )


class IndirectFirst(Monitor[Indirect]):
    """Before a PTE table is queued or freed, what hardware keeps of the entry above it is dropped everywhere."""

    reads = (*CALLS, *FREES, ClearPte, Invalidate, NumOnlineCpus, SmpCallFunction)

    def initial(self, boot: Booted, /) -> Indirect:
        return Indirect(frozenset(), 0, 0, frozenset(), None)

    def step(self, state: Indirect, event: AnyEvent, /) -> Indirect | Violation:
        match event:
            case NumOnlineCpus():
                return state._replace(online=frozenset(range(event.value)))
            case SmpCallFunction():
                return state._replace(online=event.online)
            case Enter(fn="pte_free_tlb", args=(_, int(table), int(addr))):
                return Indirect(state.online, table, addr, state.online | {event.cpu}, state.context)
            case ClearPte():
                return state._replace(context=event.context)
            case Invalidate(ind=True) if state.is_meant_by(event):
                return state._replace(cpus=state.cpus - event.cpus)
            case Enter(fn=fn):
                too_late = fn in QUEUERS and state.table in event.args
            case Leave(fn=fn):
                too_late = fn == "pte_free_tlb"
            case _:
                too_late = state.table in freed(event)
        if too_late and state.cpus:
            return Violation("a PTE table is queued while hardware may keep the entry above it", event)
        return state


class NoEntriesLeft(Monitor[Stale]):
    """After tlb_flush no translation of what was unmapped is left on any CPU."""

    reads = (Leave, *TRANSLATIONS)

    def initial(self, boot: Booted, /) -> Stale:
        return frozenset()

    def step(self, state: Stale, event: AnyEvent, /) -> Stale | Violation:
        if isinstance(event, Leave):
            if event.fn == "tlb_flush" and (left := of_gather(state, event.agent)):
                return Violation(f"after tlb_flush {place(left[0])} may still hold what was unmapped", event)
            return state
        return stale_after(state, event)


def is_hash32(boot: Booted, /) -> bool:
    """hash32 only."""
    return boot.arch == "hash32"


def is_hash64(boot: Booted, /) -> bool:
    """hash64 only."""
    return boot.arch == "hash64"


def has_indirect_entries(boot: Booted, /) -> bool:
    """Book3E."""
    return boot.book3e


RULES: Final = (
    Rule(
        id="arch.hash32-flush",
        row="H4",
        level=Level.MUST,
        sentence=(
            "On hash32 tlb_flush() is _tlbia where there is no hash table and nothing where there is one; each hash "
            "entry was dropped with its PTE before."
        ),
        sources=(Source("arch/powerpc/mm/tlb_hash32.c", "_tlbia();", (217, 220)),),
        evidence=Evidence.KERNEL,
        monitor=Hash32Flush(),
        status=ALWAYS,
        applies=is_hash32,
        where="hash32",
    ),
    Rule(
        id="arch.hash64-flush",
        row="H5",
        level=Level.MUST,
        sentence="On hash64 tlb_flush() flushes what waits in this CPU's hash batch and leaves it empty.",
        sources=(Source("arch/powerpc/mm/tlb_hash64.c", "__flush_tlb_pending(tlbbatch)", (231, 234)),),
        evidence=Evidence.SEED,
        monitor=Hash64Flush(),
        status=ALWAYS,
        applies=is_hash64,
        where="hash64",
    ),
    Rule(
        id="arch.hash64-batch-drops",
        row="H5",
        level=Level.MUST,
        sentence="On hash64 an entry leaves the hash batch only by being dropped from the hash table.",
        sources=(Source("arch/powerpc/mm/tlb_hash64.c", "__flush_tlb_pending(tlbbatch)", (232, 232)),),
        evidence=Evidence.DERIVED,
        monitor=Hash64Drops(),
        status=ALWAYS,
        applies=is_hash64,
        where="hash64",
    ),
    Rule(
        id="arch.indirect-entry-first",
        row="H6",
        level=Level.MUST,
        sentence=(
            "Where hardware keeps the entry above a PTE table, it is invalidated before that table is queued or freed."
        ),
        sources=(Source("arch/powerpc/include/asm/pgalloc.h", "tlb_flush_pgtable"),),
        evidence=Evidence.KERNEL,
        monitor=IndirectFirst(),
        status=ALWAYS,
        applies=has_indirect_entries,
        where="64-bit Book3E",
    ),
    Rule(
        id="arch.no-entries-after-flush",
        row="H7",
        level=Level.MUST,
        sentence="When tlb_flush() returns, no CPU holds a translation for what the gather has unmapped so far.",
        sources=(
            Source("arch/powerpc/mm/tlb_nohash.c", "flush_tlb_mm(tlb->mm)", (248, 248)),
            Source("Documentation/core-api/cachetlb.rst", "there will be no entries in the TLB for 'mm'"),
        ),
        evidence=Evidence.KERNEL,
        monitor=NoEntriesLeft(),
        status=ALWAYS,
    ),
)
