# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The kernel's services that eras after the seed ask for, beside those of `kernel`; the same kernel answers them.

They came with the gather's own state: that it is pending on an mm, which range it has unmapped, and whether the slots
of a page tell more than the page.
"""

from __future__ import annotations

from typing import Final, Protocol

from mmu_gather_spec.answering import running
from mmu_gather_spec.kernel import BITS_PER_LONG
from mmu_gather_spec.words import (
    ENCODED_PAGE_BIT_NR_PAGES_NEXT,
    encoded_nr_pages,
    encoded_page_flags,
    encoded_page_p,
    encoded_page_ptr,
    mm_struct,
    nr_pages_t,
    nth_page,
    page_p,
    ptdesc_p,
    signed_int,
    ulong,
    unsigned_int,
)


def inc_tlb_flush_pending(mm: mm_struct, /) -> None:
    """One gather more is pending on `mm`.  instant; it orders what comes after it."""
    running().tlb_flush_pending(True)


def dec_tlb_flush_pending(mm: mm_struct, /) -> None:
    """One gather less is pending on `mm`.  instant; after the flush."""
    running().tlb_flush_pending(False)


def mm_tlb_flush_nested(mm: mm_struct, /) -> bool:
    """Whether another gather is pending on `mm` beside this one.  answered: as it is counted, or either."""
    return running().mm_tlb_flush_nested()


def TASK_SIZE() -> int:
    """The address behind the last one of a user.  instant; any context."""
    return 1 << (BITS_PER_LONG() - 1)


def ptdesc_pmd_is_shared(pt: ptdesc_p | page_p, /) -> bool:
    """Whether another address space maps this PMD table of huge pages as well.

    answered: as it is counted, under i_mmap_rwsem.  Before v6.13, and the stable series that took it over, it is
    pt->pt_share_count that is read, of the page.
    """
    return running().pt_share_count(pt.value) > 0


def ptdesc_pmd_pts_dec(pt: ptdesc_p | page_p, /) -> None:
    """One address space less maps this PMD table.  instant; under i_mmap_rwsem, held for writing."""
    running().pt_share_count_dec(pt.value)


def num_possible_cpus() -> int:
    """How many CPUs there can ever be on this machine.  instant; any context."""
    return running().num_possible_cpus()


def synchronize_rcu() -> None:
    """Wait for a grace period of `call_rcu`'s kind.  blocking; process context, IRQs on, may sleep."""
    running().synchronize("rcu")


#: No folio has more pages; a count that says so was read from where none was written, and is not followed to its end.
MOST_OF_A_FOLIO: Final = 1 << 10


class EncodedSlots(Protocol):
    """`struct encoded_page **`: wherever the slots are."""

    def __getitem__(self, index: int, /) -> encoded_page_p: ...


def free_encoded_pages_and_swap_cache(pages: EncodedSlots, nr: signed_int, /) -> None:
    """`free_pages_and_swap_cache` since v6.3: the slots hold encoded pages, and counts of more of them.

    A slot with ENCODED_PAGE_BIT_NR_PAGES_NEXT is the first of several pages of one folio; the next slot
    says how many.  instant.
    """
    freed: list[page_p] = []
    i = 0
    while i < nr:
        first, more = encoded_page_ptr(pages[i]), nr_pages_t(1)
        if encoded_page_flags(pages[i]) & ENCODED_PAGE_BIT_NR_PAGES_NEXT:
            i += 1
            more = encoded_nr_pages(pages[i])
        freed.extend(nth_page(first, n) for n in range(min(more.value, MOST_OF_A_FOLIO)))
        i += 1
    running().free_pages_and_swap_cache(freed)


def folio_remove_rmap_ptes(page: page_p, nr_pages: nr_pages_t, /) -> None:
    """Remove the reverse map of `nr_pages` pages of one folio, from `page` on.  instant."""
    running().remove_rmap(tuple(nth_page(page, n) for n in range(min(nr_pages.value, MOST_OF_A_FOLIO))))


def flush_tlb_range_bcast(context: unsigned_int, start: ulong, end: ulong, last_level: signed_int, /) -> None:
    """Drop the translations from `start` to before `end` on every CPU; nobody is interrupted.

    last_level: only what translates; the walk caches stay as they are.  instant: as `flush_tlb_bcast`.
    """
    running().invalidate("flush_tlb_range_bcast", context, None, False, not last_level, (start, end))
