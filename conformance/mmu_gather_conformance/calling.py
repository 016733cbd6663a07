# SPDX-License-Identifier: GPL-2.0-only
"""How a caller of each era writes its calls: what they are named, what they are given, and what their answer means.

The operations of a scenario are the same in every era; `caller` does them.  What differs is here, one class for each
form: how a gather is begun and ended, what becomes of a page under the PTE lock, and who flushes when the slots have
run out.  The order inside each is mm/memory.c's of that era, and part of the caller's contract.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mmu_gather_spec.words import mm_struct, page_p, pgtable_t, vm_area_struct

from mmu_gather_conformance.image import Image
from mmu_gather_conformance.scripted_kernel import ScriptedKernel


class Seed:
    """2010: tlb_remove_page() flushes by itself, if need be with the PTE lock held."""

    def __init__(self, image: Image, kernel: ScriptedKernel, /) -> None:
        self.image = image
        self.kernel = kernel

    def call(self, name: str, *args: object) -> object:
        """A call of the port, which is seen."""
        return self.image.call(self.kernel, name, *args)

    def begin(self, tlb: object, mm: mm_struct, *, fullmm: bool) -> None:
        """tlb_gather_mmu()."""
        self.call("tlb_gather_mmu", tlb, mm, int(fullmm))

    def finish(self, tlb: object) -> None:
        """tlb_finish_mmu()."""
        self.call("tlb_finish_mmu", tlb, 0, 0)

    def flush(self, tlb: object) -> None:
        """tlb_flush_mmu(), in the middle."""
        self.call("tlb_flush_mmu", tlb, 0, 0)

    def pte_table(self, tlb: object, table: int, address: int) -> None:
        """pte_free_tlb(): the table is known by its page."""
        self.call("pte_free_tlb", tlb, page_p(table), address)

    def remove(self, tlb: object, page: page_p, *, dirty: bool) -> bool:
        """Give a page with the PTE lock held.  Whether the caller has to let go of the lock and flush."""
        self.call("tlb_remove_page", tlb, page)
        return False

    def before_unlock(self, tlb: object) -> None:
        """What is done about a flush while the PTE lock is held yet."""

    def after_unlock(self, tlb: object) -> None:
        """What is done about it when the lock is not held any more."""


class V6_1(Seed):
    """The range is kept by the gather; a full batch, or a dirty page, has the caller flush before it drops the lock."""

    def begin(self, tlb: object, mm: mm_struct, *, fullmm: bool) -> None:
        """tlb_gather_mmu(), or tlb_gather_mmu_fullmm()."""
        self.call("tlb_gather_mmu_fullmm" if fullmm else "tlb_gather_mmu", tlb, mm)

    def finish(self, tlb: object) -> None:
        """tlb_finish_mmu()."""
        self.call("tlb_finish_mmu", tlb)

    def flush(self, tlb: object) -> None:
        """tlb_flush_mmu(), in the middle."""
        self.call("tlb_flush_mmu", tlb)

    def pte_table(self, tlb: object, table: int, address: int) -> None:
        """pte_free_tlb(): the table is known as its arch holds it."""
        self.call("pte_free_tlb", tlb, pgtable_t(table), address)

    def remove(self, tlb: object, page: page_p, *, dirty: bool) -> bool:
        """page_remove_rmap() and __tlb_remove_page()."""
        self.kernel.remove_rmap((page,))
        full = bool(self.call("__tlb_remove_page", tlb, page))
        return full or dirty

    def before_unlock(self, tlb: object) -> None:
        """tlb_flush_mmu_tlbonly(): nobody may find the PTE clear and rely on it before."""
        self.call("tlb_flush_mmu_tlbonly", tlb)

    def after_unlock(self, tlb: object) -> None:
        """tlb_flush_mmu()."""
        self.call("tlb_flush_mmu", tlb)


class V6_12(V6_1):
    """The rmap of a dirty page waits for the flush, where it can: on SMP."""

    def remove(self, tlb: object, page: page_p, *, dirty: bool) -> bool:
        """tlb_delay_rmap() or folio_remove_rmap_ptes(), and __tlb_remove_page()."""
        delay = dirty and "tlb_delay_rmap" in self.image.symbols and bool(self.call("tlb_delay_rmap", tlb))
        if not delay:
            self.kernel.remove_rmap((page,))
        full = bool(self.call("__tlb_remove_page", tlb, page, delay))
        return full or delay

    def before_unlock(self, tlb: object) -> None:
        """tlb_flush_mmu_tlbonly() and tlb_flush_rmaps(): both with the lock held."""
        super().before_unlock(tlb)
        if "tlb_flush_rmaps" in self.image.symbols:
            self.call("tlb_flush_rmaps", tlb, vm_area_struct(self.kernel.mm.mm))


#: Which form an era's callers have.
CALLING: Final[dict[str, Callable[[Image, ScriptedKernel], Seed]]] = {
    "rfc-2010-base": Seed,
    "rfc-2010": Seed,
    "v6.1": V6_1,
    "v6.12": V6_12,
}
