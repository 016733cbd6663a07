# SPDX-License-Identifier: GPL-2.0-only
"""hash64's pending flushes as a library in C has them: a copy of this CPU's batch, between get and put.

The batch belongs to the kernel.  What C makes of the copy is taken over when it puts it back, and when it flushes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmu_gather_spec import kernel

if TYPE_CHECKING:
    from mmu_gather_spec.percpu import ppc64_tlb_batch

    from mmu_gather_conformance.c_mirrors import CData, CMirrors


class CHashBatch:
    """struct ppc64_tlb_batch of one library."""

    def __init__(self, port: CMirrors, /) -> None:
        self._port = port
        self._mirror: CData = port.new("struct ppc64_tlb_batch")

    def take(self) -> CData:
        """get_cpu_var: copy this CPU's batch out."""
        port, batch, mirror = self._port, kernel.get_cpu_var_ppc64_tlb_batch(), self._mirror
        mirror.active, mirror.index, mirror.psize = batch.active, batch.index, batch.psize
        mirror.mm = port.mm_mirror(batch.mm) if batch.mm else port.pointer(0)
        port.put_words(mirror.vaddr, batch.vaddr)
        self._taken: ppc64_tlb_batch = batch
        return mirror

    def copy_back(self) -> ppc64_tlb_batch:
        """What C has made of the batch that it took."""
        batch, mirror = self._taken, self._mirror
        batch.active, batch.index, batch.psize = mirror.active, mirror.index, mirror.psize
        batch.mm = self._port.mm_at(mirror.mm) if mirror.mm else None
        batch.vaddr[:] = self._port.words(mirror.vaddr, mirror.index)
        return batch

    def put(self) -> None:
        """put_cpu_var: copy it back in."""
        self.copy_back()
        kernel.put_cpu_var_ppc64_tlb_batch()
