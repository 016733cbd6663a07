# SPDX-License-Identifier: GPL-2.0-only
"""One event in few words, as a kernel engineer would say it: a call where it is one.

`describe` is what stands in a lane.  `whole` is everything that the event says, for whoever looks closer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from mmu_gather_spec import events as ev

from mmu_gather_conformance.lanes.names import Names

#: Events that say little to a person: they are left out unless they offend.
QUIET: Final = (
    ev.Booted,
    ev.Leave,
    ev.Preempt,
    ev.GetCpuVar,
    ev.PutCpuVar,
    ev.Dtor,
    ev.DetachVma,
    ev.Quiescent,
)


def loud(trace: Sequence[ev.AnyEvent], at: int, /) -> list[int]:
    """The events that a person wants to see: those that are not quiet, and the offending one.

    What is quiet by itself is not where somebody is there whom it concerns: who takes a table's lock is concerned by
    the destructor, and a driver that takes its pages back by the reverse maps of their VMA.
    """
    locked = any(isinstance(event, ev.WalkLock) for event in trace)
    return [i for i, event in enumerate(trace) if i == at or not _is_quiet(event, locked=locked)]


def _is_quiet(event: ev.AnyEvent, *, locked: bool) -> bool:
    match event:
        case ev.Dtor():
            return not locked
        case ev.DetachVma():
            return not event.pfn
    return isinstance(event, QUIET)


def cpus_of(trace: Iterable[ev.AnyEvent], /) -> tuple[int, ...]:
    """The CPUs that a trace speaks of, in order."""
    found = {0}
    for event in trace:
        found.add(event.cpu)
        match event:
            case ev.SmpCallFunction():
                found |= event.online
            case ev.Invalidate() | ev.ClearPte():
                found |= event.cpus
            case ev.NumOnlineCpus():
                found.update(range(event.value))
    return tuple(sorted(found))


def describe(event: ev.AnyEvent, names: Names, /) -> str:
    """One event in few words, as a call where it is one."""
    return _of_a_gather(event, names) or _of_the_machine(event, names) or _of_others(event, names) or plain(event)


def _of_a_gather(event: ev.AnyEvent, names: Names) -> str:
    """What the caller and the port do."""
    of = names.of
    match event:
        case ev.Enter():
            return f"{event.fn}({', '.join(map(of, event.args))})"
        case ev.Leave():
            return f"return from {event.fn}"
        case ev.DetachVma():
            return "take the VMA off its reverse maps"
        case ev.Unlink():
            return f"unhook {of(event.table)}"
        case ev.UnsharePmd():
            return f"clear the way to {of(event.table)}, which {event.others} more map"
        case ev.UnlockMapping():
            return "i_mmap_unlock_write()"
        case ev.ReusePmd():
            return f"use {of(event.table)} for something else"
        case ev.ClearPte():
            return f"clear the PTE of {of(event.page)}"
        case ev.SkipPte():
            return f"skip the PTE of {of(event.page)}: clear already"
        case ev.Dtor():
            return f"pgtable_page_dtor({of(event.table)})"
        case ev.GetFreePage():
            return f"__get_free_page -> {'NULL' if event.page is None else of(event.page)}"
        case ev.FreePage():
            return f"free_page({of(event.addr)})"
        case ev.KmemCacheFree():
            return f"kmem_cache_free(PGT_CACHE({event.index}), {of(event.addr)})"
        case ev.FreePages():
            return f"free_pages_and_swap_cache({names.several(event.pages) or 'none'})"
        case ev.AtomicRead():
            return f"atomic_read({event.var}) -> {event.value}"
        case ev.TlbFlushPending():
            return f"{'inc' if event.pending else 'dec'}_tlb_flush_pending()"
        case ev.ShareCount():
            return f"ptdesc_pmd_pts_dec({of(event.table)}) -> {event.left}"
        case ev.FlushMm():
            return f"flush_mm = {int(event.on)}"
        case ev.ContextLock():
            return f"spin_{'lock' if event.held else 'unlock'}(context.lock)"
        case ev.FlushRange():
            return _range(event)
        case ev.RemoveRmap():
            return f"remove the rmap of {names.several(event.pages)}"
        case ev.NumOnlineCpus():
            return f"num_online_cpus() -> {event.value}"
        case ev.GetCpuVar():
            return f"get_cpu_var(): {event.index} wait in the batch"
        case ev.PutCpuVar():
            return f"put_cpu_var(): {event.index} wait in the batch"
        case ev.Fault():
            return f"fault: {event.kind.value}"
        case ev.Bug():
            return f"BUG({event.expression})"
    return ""


def _range(event: ev.FlushRange) -> str:
    """What a flush finds in its gather: the range, and what is set."""
    names = [name for name in event.__slots__ if name not in ("cpu", "agent", "start", "end")]
    told = " ".join(name for name in names if getattr(event, name))
    return f"to flush: {event.start:#x} to {event.end:#x} {told}".rstrip()


def _of_the_machine(event: ev.AnyEvent, names: Names) -> str:
    """RCU, interrupts, other CPUs, the build, and what the recorder found by comparing."""
    match event:
        case ev.Booted():
            return f"boot: {event.arch}, {'SMP' if event.smp else 'UP'}, era {event.era}"
        case ev.Built():
            return f"{event.point}: {event.outcome}{', ' + event.missing if event.missing else ''}"
        case ev.CallRcu():
            name = "call_rcu" if event.flavour == "consolidated" else f"call_rcu_{event.flavour}"
            return f"{name}({names.several(event.tables) or 'no table'})"
        case ev.GracePeriod():
            return f"a grace period ends ({event.flavour})"
        case ev.CallbackBegin():
            return "the callback begins"
        case ev.CallbackEnd():
            return "the callback ends"
        case ev.SmpCallFunction():
            return f"IPI to {_cpus(event.cpus)}{' and wait' if event.wait else ''}"
        case ev.IpiAck():
            return "the handler has run"
        case ev.Preempt():
            return f"preempt_count = {event.depth}"
        case ev.Irqs():
            return f"local_irq_{'enable' if event.on else 'disable'}()"
        case ev.Migrate():
            return f"move to cpu{event.to}"
        case ev.CpuOnline():
            return "come online"
        case ev.Invalidate():
            span = "" if event.span is None else f" from {event.span[0]:#x} to {event.span[1]:#x}"
            return f"{event.op}{span} on {_cpus(event.cpus)}"
        case ev.Quiescent():
            return "nothing is left to do"
        case ev.Diverged():
            return f"{event.came}, unlike with another filling"
        case ev.Shared():
            return f"{event.came}, unlike without another gather"
        case ev.Leaked():
            return f"{names.of(event.page)} was never given back"
    return ""


def _of_others(event: ev.AnyEvent, names: Names) -> str:
    """Walkers, hardware, and users of the mm."""
    of = names.of
    match event:
        case ev.WalkBegin():
            return "walk from the root, IRQs on" if event.irqs_on else "IRQs off, walk from the root"
        case ev.WalkEntry():
            return f"load the entry above {of(event.table)} -> {'present' if event.present else 'none'}"
        case ev.WalkLoad():
            return f"read an entry of {of(event.table)}{'' if event.fresh else ' by an old pointer'}"
        case ev.WalkPte():
            return f"read the PTE of {of(event.page)} -> {'present' if event.present else 'none'}"
        case ev.WalkPin():
            return f"pin {of(event.page)} {'and look again' if event.speculative else 'without a second look'}"
        case ev.WalkLock():
            return f"take the lock of {of(event.table)}"
        case ev.WalkEnd():
            return "the walk is over"
        case ev.CacheEntry():
            return f"walk cache loads the entry above {of(event.table)}"
        case ev.CacheMiss():
            return f"walk cache finds no entry above {of(event.table)}"
        case ev.HardwareLoad():
            return f"hardware reads an entry of {of(event.table)}"
        case ev.TlbFill():
            return f"TLB takes in {of(event.page)}"
        case ev.HashFill():
            return f"hash table takes in {of(event.page)}"
        case ev.FindMapping():
            return f"look for mappings of {of(event.page)} -> {'found' if event.found else 'none'}"
        case ev.Access():
            return f"access {of(event.page)} through the TLB"
        case ev.AccessFault():
            return f"page fault where {of(event.page)} was"
        case ev.MmGet():
            return "mm_users rises by one"
        case ev.MmPut():
            return "mm_users falls by one"
    return ""


def _cpus(cpus: Iterable[int]) -> str:
    return ", ".join(f"cpu{cpu}" for cpu in sorted(cpus)) or "nobody"


def agents(trace: Sequence[ev.AnyEvent], shown: Iterable[int], /) -> dict[int, str]:
    """Whose each shown event is, where that is to be said: in a lane that goes over to another agent.

    A lane is the first gather's unless it says otherwise.
    """
    said: dict[int, str] = {}
    last: dict[int, str] = {}
    for i in shown:
        event = trace[i]
        if last.get(event.cpu, "a") != event.agent:
            said[i] = f"[{event.agent}] "
        last[event.cpu] = event.agent
    return said


def plain(event: ev.AnyEvent, /) -> str:
    """An event by its name and its fields, as words of the machine."""
    fields = (f"{slot}={_word(getattr(event, slot))}" for slot in type(event).__slots__)
    return f"{type(event).__name__}({', '.join(fields)})"


def _word(value: object) -> str:
    """A value that reads the same in every run: sets in order, addresses in hex."""
    match value:
        case bool():
            return str(value)
        case int() if value > 0xFFFF:
            return hex(value)
        case frozenset():
            return "{" + ", ".join(sorted(map(_word, value))) + "}"
        case tuple():
            return "(" + ", ".join(map(_word, value)) + ")"
        case ev.FaultKind():
            return value.value
    return str(value)


def whole(event: ev.AnyEvent, names: Names, /) -> str:
    """Everything that an event says: who and where, in few words, and as it stands in the trace."""
    return f"cpu{event.cpu}, {event.agent}: {describe(event, names)}\n{plain(event)}"
