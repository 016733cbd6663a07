# SPDX-License-Identifier: GPL-2.0-only
"""What the scripted kernel knows of an address space: its users, who has run it, which gathers are pending on it.

Beside that, what a CPU has of its own: hash64's batch of translations, and in v2.6.37 the gather.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mmu_gather_reference.machine.mm import AddressSpace
from mmu_gather_spec import events as ev
from mmu_gather_spec.percpu import ppc64_tlb_batch, tlb_batch
from mmu_gather_spec.words import atomic_t, mm_struct, page_p

from mmu_gather_conformance.config import Config
from mmu_gather_conformance.kernel_memory import KernelMemory

if TYPE_CHECKING:
    from mmu_gather_reference.machine.page_alloc import Memory


class KernelMm(KernelMemory, ABC):
    """The part of a kernel that an mm is asked about."""

    config: Config
    bits_per_long: int
    online: frozenset[int]
    possible: frozenset[int]
    cpu: int
    preempt_depth: int
    in_callback: bool

    def __init__(self, page_size: int, fill: int, memory: Memory | None, /) -> None:
        super().__init__(page_size, fill, memory)
        #: what CPUs have of their own, by name
        self._per_cpu: dict[tuple[int, str], Any] = {}
        #: pages of files that were written to through the entries that are cleared
        self.dirty: set[int] = set()
        #: gathers that are pending on the mm, by agent
        self._pending: list[str] = []
        #: by how many other address spaces a shared table is mapped
        self._shares: dict[int, int] = {}
        #: the CPUs to which an mm is attached now
        self.attached: dict[str, frozenset[int]] = {}
        #: s390: the contexts with something to be dropped yet
        self._flush_mm: set[int] = set()

    def _settle_mm(self) -> None:
        """What stays for the whole run: the mask and the context of the mm, and what waits of it."""
        choose, answers = self.script.choose, self.answers
        # A mask names CPUs that are there: with one online there is nothing to choose.
        masks = answers.cpumask if len(self.possible) > 1 else ("here",)
        mask = self.possible if choose("mm_cpumask", masks) == "everywhere" else frozenset({0})
        context = choose("context", answers.context)
        mm = mm_struct("mm", context)
        self.mm = AddressSpace(mm, 0, self.bits_per_long, mask if context else frozenset())
        attached = choose("cpu_attach_mask", answers.attached) if self.config.arch == "s390" else "everywhere"
        self.attached = {mm.name: self.mm.cpumask if attached == "everywhere" else self.mm.cpumask & {0}}
        self.other_mm = AddressSpace(mm_struct("another mm", 2), 1, self.bits_per_long, self.online)
        self.hash_batches = {cpu: ppc64_tlb_batch() for cpu in range(max(2, len(self.online)))}
        if self.config.arch in ("hash64", "sparc64"):
            waiting = choose("hash batch", answers.hash_batch)
            if waiting != "empty":
                self._waits(mm if waiting == "this mm" else self.other_mm.mm)

    def _waits(self, owner: mm_struct) -> None:
        """An entry waits in the first CPU's batch, whichever of the two it has."""
        batch = self.hash_batches[0]
        batch.mm, batch.vaddr, batch.index = owner, [0xDEAD0000], 1
        other = self.per_cpu("tlb_batch", tlb_batch)
        other.mm, other.vaddrs, other.tlb_nr = owner, [0xDEAD0000], 1

    @abstractmethod
    def _may_move(self) -> None:
        """The last moment before a task is pinned."""

    def atomic_read(self, v: atomic_t, /) -> int:
        """Answer from the script; a callback that asks reads what is gone."""
        self.boundary()
        if self.in_callback:
            self.emit(ev.Fault, ev.FaultKind.GATHER_GONE, 0)
        value = self.script.choose(v.name, self.answers.mm_users)
        self.emit(ev.AtomicRead, v.name, value)
        return value

    def invalidate(
        self, op: str, context: int, addrs: tuple[int, ...] | None, local: bool, ind: bool,
        span: tuple[int, int] | None = None, /,
    ) -> None:  # fmt: skip
        """Drop translations here, or everywhere."""
        self.boundary()
        cpus = frozenset({self.cpu}) if local else self.possible
        self.emit(ev.Invalidate, op, context, addrs, cpus, ind, span)

    def tlb_flush_pending(self, pending: bool, /) -> None:
        """One gather more is pending on the mm, or one less."""
        self.boundary()
        if pending:
            self._pending.append(self.agent)
        elif self.agent in self._pending:
            self._pending.remove(self.agent)
        self.emit(ev.TlbFlushPending, pending)

    def mm_tlb_flush_nested(self) -> bool:
        """As it is counted, unless the script knows of others."""
        self.boundary()
        counted = len(self._pending) > 1
        nested = self.script.choose("tlb_flush_pending", self.answers.nested) if self.answers.nested else counted
        self.emit(ev.AtomicRead, "tlb_flush_pending", 2 if nested else 1)
        return nested

    def remove_rmap(self, pages: tuple[page_p, ...], /) -> None:
        """Nobody finds these mappings from their pages any more."""
        self.boundary()
        self.emit(ev.RemoveRmap, tuple(page.value for page in pages), any(page.value in self.dirty for page in pages))

    def share(self, table: int, /) -> int:
        """A table turns out to be shared: by how many others."""
        self._shares[table] = others = self.script.choose("pt_share_count", self.answers.sharers)
        return others

    def pt_share_count(self, table: int, /) -> int:
        """As it is counted: who holds the lock of the mapping is alone with it."""
        self.boundary()
        self.emit(ev.AtomicRead, "pt_share_count", self._shares.get(table, 0))
        return self._shares.get(table, 0)

    def pt_share_count_dec(self, table: int, /) -> None:
        """One less; of a table that nobody shares it goes below zero, as in the kernel."""
        self.boundary()
        self._shares[table] = left = self._shares.get(table, 0) - 1
        self.emit(ev.ShareCount, table, left)

    def mm_cpumask_is_this_cpu(self, mm: mm_struct, /) -> bool:
        """As the mask was settled at boot, and written down, since something hangs on it.

        Nothing may hang on it with preemption on, as the task may be elsewhere by then: so it is not written down.
        """
        self.boundary()
        cpus = self.mm_cpumask(mm)
        if self.preempt_depth > 0:
            self.emit(ev.AtomicRead, "mm_cpumask", len(cpus))
        return cpus == {self.cpu}

    def get_tlb_batch(self, pinned: bool, /) -> tlb_batch:
        """This CPU's batch; where it is pinned, preemption is off until it is put back."""
        if pinned:
            self._may_move()
            self.preempt_depth += 1
        batch: tlb_batch = self.per_cpu("tlb_batch", tlb_batch)
        if pinned:
            self.emit(ev.GetCpuVar, batch.tlb_nr, batch.mm.context_id if batch.mm and batch.tlb_nr else 0)
        return batch

    def put_tlb_batch(self) -> None:
        """The section without migration is over, or the inner one of two."""
        self.emit(ev.PutCpuVar, self.per_cpu("tlb_batch", tlb_batch).tlb_nr)
        self.preempt_depth -= 1

    def flush_tsb(self, op: str, mm: mm_struct, vaddrs: tuple[int, ...], /) -> None:
        """These entries are gone from memory; what TLBs hold of them is another matter."""
        self.boundary()
        self.emit(ev.Invalidate, op, mm.context_id, vaddrs, frozenset(), False, None)

    def cpu_attach_mask_is_this_cpu(self, mm: mm_struct, /) -> bool:
        """As the mm was attached at boot, and written down, since something hangs on it."""
        self.boundary()
        cpus = self._attached_to(mm)
        self.emit(ev.AtomicRead, "cpu_attach_mask", len(cpus))
        return cpus == {self.cpu}

    def context_lock(self, held: bool, /) -> None:
        """A lock that nobody else holds when one gather is alone, and that keeps preemption off."""
        self.boundary()
        if held:
            self._may_move()
        self.preempt_depth += 1 if held else -1
        self.emit(ev.ContextLock, held)

    def flush_mm(self, mm: mm_struct, /) -> bool:
        """As it is set, unless the script knows of others: then they may have cleared it, or set it."""
        self.boundary()
        found, others = mm.context_id in self._flush_mm, self.answers.others_flush
        if others:
            found ^= self.script.choose("flush_mm", others)
        self.emit(ev.AtomicRead, "flush_mm", int(found))
        return found

    def set_flush_mm(self, mm: mm_struct, on: bool, /) -> None:
        """It is the mm's, so that the next gather finds it as this one has left it."""
        self.boundary()
        (self._flush_mm.add if on else self._flush_mm.discard)(mm.context_id)
        self.emit(ev.FlushMm, on, mm.context_id, self._attached_to(mm))

    def _attached_to(self, mm: mm_struct) -> frozenset[int]:
        return self.attached.get(mm.name, frozenset())

    def per_cpu(self, name: str, zeroed: Callable[[], Any], /) -> Any:
        """What this CPU has, made when it is first asked for."""
        key = self.cpu, name
        if key not in self._per_cpu:
            self._per_cpu[key] = zeroed()
        return self._per_cpu[key]

    def get_cpu_var(self) -> ppc64_tlb_batch:
        """This CPU's batch; preemption is off until it is put back."""
        self._may_move()
        self.preempt_depth += 1
        batch = self.hash_batches[self.cpu]
        self.emit(ev.GetCpuVar, batch.index, batch.mm.context_id if batch.mm and batch.index else 0)
        return batch

    def put_cpu_var(self) -> None:
        """The section without migration is over."""
        self.emit(ev.PutCpuVar, self.hash_batches[self.cpu].index)
        self.preempt_depth -= 1

    def num_possible_cpus(self) -> int:
        """Settled at boot."""
        self.emit(ev.AtomicRead, "num_possible_cpus", len(self.possible))
        return len(self.possible)

    def mm_cpumask(self, mm: mm_struct, /) -> frozenset[int]:
        """Settled at boot."""
        return self.mm.cpumask if mm is self.mm.mm else self.other_mm.cpumask
