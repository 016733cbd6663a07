# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The link table of the eras after the seed: what came to it when the gather grew.

Its functions stand beside those of `linked` and are resolved by the same table.  They are here because their
forms are other ones than the seed's: a flush has no addresses any more, and a page that is removed says how large
it is.
"""

from __future__ import annotations

from mmu_gather_spec import linked
from mmu_gather_spec.words import mmu_gather, page_p, pgtable_t, ranged_gather, signed_int, table_p, ulong, unsigned_int


def IS_ENABLED(option: str, /) -> bool:
    """Whether the linked arch half selects `option`, such as "CONFIG_MMU_GATHER_PAGE_SIZE"."""
    return bool(linked.constant(option, 0))


def tlb_needs_table_invalidate() -> bool:
    """Whether hardware reads the Linux tables here, so that they are invalidated before they are freed.

    true where the arch does not say; since v5.7.
    """
    known = linked.symbol("tlb_needs_table_invalidate")
    return True if known is None else bool(known())


def __tlb_adjust_range(tlb: ranged_gather, address: ulong, range_size: unsigned_int, /) -> None:
    """__tlb_adjust_range() of the header, for an arch that writes its own pte_free_tlb().

    A port need not bring it: its gather has the range.
    """
    adjust = linked.symbol("__tlb_adjust_range")
    if adjust is not None:
        adjust(tlb, address, range_size)
        return
    tlb.start = min(tlb.start, address)
    tlb.end = max(tlb.end, address + range_size)


def tlb_flush_mmu(tlb: mmu_gather, /) -> None:
    """tlb_flush_mmu() as mm/mmu_gather.c defines it for the header."""
    flush = linked.symbol("tlb_flush_mmu")
    assert flush is not None, "the image is linked"
    flush(tlb)


def tlb_remove_table_sync_one() -> None:
    """tlb_remove_table_sync_one() as mm/mmu_gather.c defines it for the header."""
    wait = linked.symbol("tlb_remove_table_sync_one")
    assert wait is not None, "the image is linked"
    wait()


def __tlb_remove_page(tlb: mmu_gather, page: page_p, /) -> signed_int:
    """__tlb_remove_page() as mm/memory.c of v3.0 defines it for the header: how many slots are left."""
    remove = linked.symbol("__tlb_remove_page")
    assert remove is not None, "the image is linked"
    return int(remove(tlb, page))


def __tlb_remove_page_size(tlb: mmu_gather, page: page_p, *how: signed_int) -> bool:
    """__tlb_remove_page_size() as mm/mmu_gather.c, or the arch, defines it for the header.

    how: since v6.3 whether the rmap is delayed; and the size of the page, in bytes.
    """
    remove = linked.symbol("__tlb_remove_page_size")
    assert remove is not None, "the image is linked"
    return bool(remove(tlb, page, *how))


def __pte_free_tlb(tlb: mmu_gather, table: pgtable_t, address: ulong, /) -> None:
    """__pte_free_tlb() of the arch half, which is given the table as its arch holds it."""
    free = linked.symbol("__pte_free_tlb")
    assert free is not None, "the image is linked"
    free(tlb, table, address)


def page_table_free_rcu(tlb: mmu_gather, table: pgtable_t, /) -> None:
    """Inside s390's half: queue a PTE table, with what has to be known of it."""
    free = linked.symbol("page_table_free_rcu")
    assert free is not None, "the image is linked"
    free(tlb, table)


def pte_fragment_free(table: table_p, kernel: signed_int, /) -> None:
    """Inside powerpc's half: give a PTE table back, which is a part of a page."""
    free = linked.symbol("pte_fragment_free")
    assert free is not None, "the image is linked"
    free(table, kernel)


def flush_tlb_pending() -> None:
    """Inside sparc64's half: flush all that waits in this CPU's batch."""
    flush = linked.symbol("flush_tlb_pending")
    assert flush is not None, "the image is linked"
    flush()
