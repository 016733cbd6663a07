# SPDX-License-Identifier: GPL-2.0-only
"""The machine's parts, each by itself: pages, RCU's callbacks, an address space."""

from __future__ import annotations

from itertools import pairwise

import pytest
from mmu_gather_reference.machine.mm import AddressSpace
from mmu_gather_reference.machine.page_alloc import FIRST, PageAllocator, PythonMemory
from mmu_gather_reference.machine.rcu import Callback, Rcu
from mmu_gather_spec.words import _PAGE_HASHPTE, mm_struct

# --- the page allocator -----------------------------------------------------------------------


def allocator(fill: int = 0xA5) -> tuple[PageAllocator, PythonMemory]:
    """An allocator of pages of 64 bytes."""
    memory = PythonMemory()
    return PageAllocator(64, fill, memory), memory


@pytest.mark.parametrize("fill", [0x00, 0xA5, 0xFF])
def test_a_page_comes_filled_with_poison(fill: int) -> None:
    """As long as a page is, and no longer."""
    pages, memory = allocator(fill)
    assert memory.snapshot(pages.allocate()) == bytes([fill]) * 64


def test_a_page_that_was_given_back_is_not_handed_out_again() -> None:
    """So that any later access to it can be told."""
    pages, _ = allocator()
    first = pages.allocate()
    assert pages.free(first)
    second = pages.allocate()
    assert (first != second, pages.in_use, pages.handed_out) == (True, {second}, {first, second})


def test_only_what_is_in_use_can_be_given_back() -> None:
    """Not a page that was given back, and not what never was a page."""
    pages, _ = allocator()
    page = pages.allocate()
    assert [pages.free(page), pages.free(page), pages.free(page + 8)] == [True, False, False]


def test_the_holder_of_an_address_is_the_page_that_contains_it() -> None:
    """From its first byte to its last, while it is in use."""
    pages, _ = allocator()
    page = pages.allocate()
    assert [pages.holder(page + at) for at in (-1, 0, 63, 64)] == [None, page, page, None]
    pages.free(page)
    assert pages.holder(page) is None


def test_a_write_to_a_page_of_rcus_is_told_once() -> None:
    """And a write of the same bytes is none."""
    pages, memory = allocator()
    page = pages.allocate()
    found = memory.page(page)
    assert found is not None
    pages.submit(page)
    found[1][5] = 0xA5
    assert pages.written_to() is None
    found[1][5] = 0xA4
    assert [pages.written_to(), pages.written_to()] == [page, None]


def test_a_page_is_its_callbacks_own_again() -> None:
    """Nobody watches it from then on, nor once it is given back."""
    pages, memory = allocator()
    recalled, freed = pages.allocate(), pages.allocate()
    for page in (recalled, freed):
        pages.submit(page)
    pages.recall(recalled)
    pages.free(freed)
    found = memory.page(recalled)
    assert found is not None
    found[1][0] = 0
    assert (pages.submitted, pages.written_to()) == ({}, None)


def test_an_address_behind_a_page_is_found_to_belong_to_it() -> None:
    """So that a store past the end is an access to that page's surroundings, not to the next page."""
    pages, memory = allocator()
    page = pages.allocate()
    inside, behind = memory.page(page + 8), memory.page(page + 64)
    assert inside is not None
    assert behind is not None
    assert (inside[0], behind[0], memory.page(FIRST - 1)) == (page, page, None)


# --- RCU ----------------------------------------------------------------------------------------


def callback(head: int, flavour: str = "sched", *, early: bool = False) -> Callback:
    """A callback that does nothing."""
    return Callback(head, lambda: None, flavour, early, 0)


def test_callbacks_run_in_the_order_of_their_submission() -> None:
    """Each once."""
    rcu = Rcu()
    one, two = callback(1), callback(2)
    assert [rcu.submit(one), rcu.submit(two)] == [True, True]
    assert [rcu.take(early_only=False, held_back=False) for _ in range(3)] == [one, two, None]


def test_a_head_that_is_queued_is_not_fresh() -> None:
    """Until its callback was taken."""
    rcu = Rcu()
    assert [rcu.submit(callback(1)), rcu.submit(callback(1))] == [True, False]
    rcu = Rcu()
    rcu.submit(callback(1))
    rcu.take(early_only=False, held_back=False)
    assert rcu.submit(callback(1))


def test_only_early_grace_periods_end_before_the_end() -> None:
    """The late ones are passed over, wherever they stand."""
    rcu = Rcu()
    late, early = callback(1), callback(2, early=True)
    rcu.submit(late)
    rcu.submit(early)
    assert [rcu.take(early_only=True, held_back=False) for _ in range(2)] == [early, None]
    assert rcu.waiting == [late]


def test_a_region_holds_back_sched_grace_periods_and_no_others() -> None:
    """Which is what the seed's choice of flavour is about."""
    rcu = Rcu()
    sched, other = callback(1), callback(2, "rcu")
    rcu.submit(sched)
    rcu.submit(other)
    assert [rcu.take(early_only=False, held_back=True) for _ in range(2)] == [other, None]
    assert rcu.take(early_only=False, held_back=False) is sched


# --- the address space --------------------------------------------------------------------------


def space(bits_per_long: int = 64, index: int = 0) -> AddressSpace:
    """An mm that CPU 0 has run."""
    return AddressSpace(mm_struct("mm", 1), index, bits_per_long, frozenset({0}))


@pytest.mark.parametrize(("bits", "low"), [(64, [0, 128, 1024, 1 << 18]), (32, [0, 64, 512, 1 << 17])])
def test_a_table_is_aligned_to_its_own_size_and_to_no_more(bits: int, low: list[int]) -> None:
    """A PTE page is a page; the low bits of a larger table are not clear by luck."""
    mm = space(bits)
    tables = [mm.table(shift) for shift in (0, 4, 7, 15)]
    assert [table & -table for table in tables[1:]] == low[1:]
    assert tables[0] % (1 << 12) == 0
    assert [table & 0xF for table in tables] == [0, 0, 0, 0]


@pytest.mark.parametrize("bits", [64, 32])
def test_no_two_tables_overlap(bits: int) -> None:
    """Whatever comes after the largest: each is a place of its own."""
    mm = space(bits)
    tables = [(mm.table(shift), (bits // 8) << max(shift, 9)) for shift in (15, 0, 15, 12, 15, *range(16))]
    assert [(a, b) for (a, size), (b, _) in pairwise(sorted(tables)) if a + size > b] == []


@pytest.mark.parametrize("bits", [64, 32])
def test_a_table_has_its_top_bits_set(bits: int) -> None:
    """So that an address that was cut off shows; and it fits into a word."""
    table = space(bits).table(7)
    assert (table >> (bits - 2), table >> bits) == (0b11, 0)


def test_mapped_pages_are_all_different_and_say_whether_they_are_hashed() -> None:
    """Page and user address of each; the flag is what a flush of the hash table goes by."""
    mm = space()
    (addr, one), (other_addr, other) = mm.mapped_page(hashed=True), mm.mapped_page(hashed=False)
    assert (one.flags, other.flags) == (_PAGE_HASHPTE, 0)
    assert (addr != other_addr, one.page != other.page) == (True, True)
