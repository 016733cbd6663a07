# SPDX-License-Identifier: GPL-2.0-only
"""How a caller of each era writes its calls: what they are named, what they are given, and what their answer means.

The operations of a scenario are the same in every era; `caller` does them.  What differs is here, one class for each
form: how a gather is begun and ended, what becomes of a page under the PTE lock, and who flushes when the slots have
run out.  The order inside each is mm/memory.c's of that era, and part of the caller's contract.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from mmu_gather_spec.words import mm_struct, nr_pages_t, page_p, pgtable_t, ptdesc_p, vm_area_struct

from mmu_gather_conformance.image import Image
from mmu_gather_conformance.scripted_kernel import ScriptedKernel

#: What a caller of v4.19 and v5.7 says it unmaps: from the first user page to behind the last.
RANGE: Final = (0x1000, 0x3FFFF000)


class Seed:
    """2010: tlb_remove_page() flushes by itself, if need be with the PTE lock held."""

    def __init__(self, image: Image, kernel: ScriptedKernel, /) -> None:
        self.image = image
        self.kernel = kernel
        #: whether a flush is due before the PTE lock is dropped, though there is room for more pages
        self.due = False

    def call(self, name: str, *args: object) -> object:
        """A call of the port, which is seen."""
        return self.image.call(self.kernel, name, *args)

    def begin(self, tlb: object, mm: mm_struct, *, fullmm: bool) -> object:
        """tlb_gather_mmu().  The gather, where the kernel has one and the caller brings none."""
        return self.call("tlb_gather_mmu", tlb, mm, int(fullmm))

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
        """Give a page with the PTE lock held.  Whether there is no room for more, and the caller has to flush.

        Its rmap is gone by then.  Of a page that nobody has written to nothing hangs on that, and it is not shown.
        """
        if dirty:
            self.kernel.remove_rmap((page,))
        self.call("tlb_remove_page", tlb, page)
        return False

    def before_unlock(self, tlb: object) -> None:
        """What is done about a flush while the PTE lock is held yet."""

    def after_unlock(self, tlb: object) -> None:
        """What is done about it when the lock is not held any more."""

    def unshare(self, tlb: object, table: int, address: int) -> None:
        """Leave a PMD table of huge pages that others map: not through a gather yet."""


class V2_6_37(Seed):
    """A gather is the CPU's, and is handed out."""

    def begin(self, tlb: object, mm: mm_struct, *, fullmm: bool) -> object:
        """tlb_gather_mmu(), which brings its own."""
        return self.call("tlb_gather_mmu", mm, int(fullmm))


class V3_0(Seed):
    """__tlb_remove_page() says how many slots are left; where none is, the caller flushes behind the PTE lock."""

    def begin(self, tlb: object, mm: mm_struct, *, fullmm: bool) -> object:
        """tlb_gather_mmu()."""
        return self.call("tlb_gather_mmu", tlb, mm, fullmm)

    def flush(self, tlb: object) -> None:
        """tlb_flush_mmu(), in the middle."""
        self.call("tlb_flush_mmu", tlb)

    def remove(self, tlb: object, page: page_p, *, dirty: bool) -> bool:
        """page_remove_rmap() and __tlb_remove_page()."""
        self.kernel.remove_rmap((page,))
        return not self.call("__tlb_remove_page", tlb, page)

    def after_unlock(self, tlb: object) -> None:
        """tlb_flush_mmu()."""
        self.call("tlb_flush_mmu", tlb)


class V4_19(V3_0):
    """The range is given; a full batch has the caller flush before it drops the PTE lock, and so have dirty pages."""

    def begin(self, tlb: object, mm: mm_struct, *, fullmm: bool) -> object:
        """tlb_gather_mmu(), of a range or of all."""
        self._range = (0, (1 << self.kernel.bits_per_long) - 1) if fullmm else RANGE
        return self.call("tlb_gather_mmu", tlb, mm, *self._range)

    def finish(self, tlb: object) -> None:
        """tlb_finish_mmu(), of the same range."""
        self.call("tlb_finish_mmu", tlb, *getattr(self, "_range", RANGE))

    def pte_table(self, tlb: object, table: int, address: int) -> None:
        """pte_free_tlb(): the table is known as its arch holds it."""
        self.call("pte_free_tlb", tlb, pgtable_t(table), address)

    def remove(self, tlb: object, page: page_p, *, dirty: bool) -> bool:
        """page_remove_rmap() and __tlb_remove_page()."""
        self.kernel.remove_rmap((page,))
        self.due = self.due or dirty
        return bool(self.call("__tlb_remove_page", tlb, page))

    def before_unlock(self, tlb: object) -> None:
        """tlb_flush_mmu_tlbonly(), which is no port's to provide yet: nobody may rely on a clear PTE before."""
        only = "tlb_flush_mmu_tlbonly"
        self.call(only if only in self.image.symbols else "tlb_flush_mmu", tlb)


class V5_7(V4_19):
    """tlb_flush_mmu_tlbonly() is a port's."""


class V6_1(V5_7):
    """A gather has no range of its own any more, and a whole mm has a function of its own."""

    def begin(self, tlb: object, mm: mm_struct, *, fullmm: bool) -> object:
        """tlb_gather_mmu(), or tlb_gather_mmu_fullmm()."""
        return self.call("tlb_gather_mmu_fullmm" if fullmm else "tlb_gather_mmu", tlb, mm)

    def finish(self, tlb: object) -> None:
        """tlb_finish_mmu()."""
        self.call("tlb_finish_mmu", tlb)

    def unshare(self, tlb: object, table: int, address: int) -> None:
        """tlb_unshare_pmd_ptdesc(): the table is known by its page."""
        self.call("tlb_unshare_pmd_ptdesc", tlb, page_p(table), address)


class V6_12(V6_1):
    """The rmap of a dirty page waits for the flush, where it can: on SMP."""

    def remove(self, tlb: object, page: page_p, *, dirty: bool) -> bool:
        """tlb_delay_rmap() or folio_remove_rmap_ptes(), and __tlb_remove_page()."""
        delay = dirty and "tlb_delay_rmap" in self.image.symbols and bool(self.call("tlb_delay_rmap", tlb))
        if not delay:
            self.kernel.remove_rmap((page,))
        self.due = self.due or delay
        return bool(self.call("__tlb_remove_page", tlb, page, delay))

    def remove_run(self, tlb: object, pages: tuple[page_p, ...], *, dirty: bool) -> bool:
        """The same for pages of one folio at once, which no earlier caller does: __tlb_remove_folio_pages()."""
        delay = dirty and "tlb_delay_rmap" in self.image.symbols and bool(self.call("tlb_delay_rmap", tlb))
        if not delay:
            self.kernel.remove_rmap(pages)
        self.due = self.due or delay
        return bool(self.call("__tlb_remove_folio_pages", tlb, pages[0], nr_pages_t(len(pages)), delay))

    def unshare(self, tlb: object, table: int, address: int) -> None:
        """tlb_unshare_pmd_ptdesc(): the table is known by its ptdesc."""
        self.call("tlb_unshare_pmd_ptdesc", tlb, ptdesc_p(table), address)

    def before_unlock(self, tlb: object) -> None:
        """tlb_flush_mmu_tlbonly() and tlb_flush_rmaps(): both with the lock held."""
        super().before_unlock(tlb)
        if "tlb_flush_rmaps" in self.image.symbols:
            self.call("tlb_flush_rmaps", tlb, vm_area_struct(self.kernel.mm.mm))


#: Which form an era's callers have.
CALLING: Final[dict[str, Callable[[Image, ScriptedKernel], Seed]]] = {
    "v2.6.37": V2_6_37,
    "rfc-2010-base": Seed,
    "rfc-2010": Seed,
    "v3.0": V3_0,
    "v4.19": V4_19,
    "v5.7": V5_7,
    "v6.1": V6_1,
    "v6.12": V6_12,
    "v7.0": V6_12,
}
