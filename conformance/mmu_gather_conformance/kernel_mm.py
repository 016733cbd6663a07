# SPDX-License-Identifier: GPL-2.0-only
"""What the scripted kernel knows of an address space: who has run it, which gathers are pending on it.

Beside that, what a CPU has of its own, which in v2.6.37 is where a gather is.
"""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mmu_gather_spec import events as ev
from mmu_gather_spec.words import mm_struct, page_p

from mmu_gather_conformance.kernel_memory import KernelMemory

if TYPE_CHECKING:
    from mmu_gather_reference.machine.mm import AddressSpace
    from mmu_gather_reference.machine.page_alloc import Memory


class KernelMm(KernelMemory, ABC):
    """The part of a kernel that an mm is asked about."""

    mm: AddressSpace
    other_mm: AddressSpace
    possible: frozenset[int]
    cpu: int
    preempt_depth: int

    def __init__(self, page_size: int, fill: int, memory: Memory | None, /) -> None:
        super().__init__(page_size, fill, memory)
        #: what CPUs have of their own, by name
        self._per_cpu: dict[tuple[int, str], Any] = {}
        #: pages of files that were written to through the entries that are cleared
        self.dirty: set[int] = set()
        #: gathers that are pending on the mm, by agent
        self._pending: list[str] = []

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

    def mm_cpumask_is_this_cpu(self, mm: mm_struct, /) -> bool:
        """As the mask was settled at boot, and written down, since something hangs on it.

        Nothing may hang on it with preemption on, as the task may be elsewhere by then: so it is not written down.
        """
        self.boundary()
        cpus = self.mm_cpumask(mm)
        if self.preempt_depth > 0:
            self.emit(ev.AtomicRead, "mm_cpumask", len(cpus))
        return cpus == {self.cpu}

    def per_cpu(self, name: str, zeroed: Callable[[], Any], /) -> Any:
        """What this CPU has, made when it is first asked for."""
        key = self.cpu, name
        if key not in self._per_cpu:
            self._per_cpu[key] = zeroed()
        return self._per_cpu[key]

    def num_possible_cpus(self) -> int:
        """Settled at boot."""
        self.emit(ev.AtomicRead, "num_possible_cpus", len(self.possible))
        return len(self.possible)

    def mm_cpumask(self, mm: mm_struct, /) -> frozenset[int]:
        """Settled at boot."""
        return self.mm.cpumask if mm is self.mm.mm else self.other_mm.cpumask
