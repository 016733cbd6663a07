# SPDX-License-Identifier: GPL-2.0-only
"""The encoding of a table and its shift, and where each table is given back to."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, NoReturn, cast

import pytest
from mmu_gather_arch import hugepd, pgalloc, pgalloc_32, pgalloc_64, pgalloc_up, pgtable_book3s64, pgtable_frag
from mmu_gather_spec.answering import BUG, Kernel, booted
from mmu_gather_spec.linked import linked_with
from mmu_gather_spec.words import Word, mm_struct, mmu_gather, page_p, pgf_p, shift_t, table_p

TABLE = 0xC0100400
#: A name with two underscores is looked up by text, since a class or a test would mangle or hide it.
REMOVE = "__tlb_remove_table"
PTE_FREE = "__pte_free_tlb"
PMD_FREE = "__pmd_free_tlb"


class Gather:
    """As much of a gather as an arch half sees."""

    def __init__(self) -> None:
        self.mm = mm_struct("mm", 1)


class Services:
    """The services that these files use; each call is kept, by name and bare words."""

    def __init__(self, bits_per_long: int) -> None:
        self.bits_per_long = bits_per_long
        self.page_size = 4096
        self.calls: list[tuple[str | int, ...]] = []

    def free_pages(self, addr: int, order: int, /) -> None:
        self.calls.append(("free_pages", addr, order))

    def kmem_cache_free(self, index: int, obj: int, /) -> None:
        self.calls.append(("kmem_cache_free", index, obj))

    def pgtable_page_dtor(self, page: page_p, /) -> None:
        self.calls.append(("pgtable_page_dtor", page.value))

    def page_address(self, page: page_p, /) -> table_p:
        return table_p(page.value)

    def bug(self, expression: str, /) -> NoReturn:
        raise BUG(expression)


def own(half: ModuleType, function: Callable[..., Any]) -> bool:
    """Whether a file defines this function, and does not merely import it."""
    return function.__module__ == half.__name__


@contextmanager
def linked(bits: int, *halves: ModuleType) -> Iterator[Services]:
    """These files on a machine; what they call beside each other is kept as a call."""
    services = Services(bits)

    def keep(name: str) -> Callable[..., Any]:
        return lambda *args: services.calls.append((name, *(arg.value for arg in args if isinstance(arg, Word))))

    symbols = {name: keep(name) for name in ("tlb_remove_table", "tlb_flush_pgtable")}
    constants: dict[str, int] = {"PMD_INDEX_SIZE": 7}
    for half in halves:
        symbols |= {
            name: value for name, value in vars(half).items() if getattr(value, "__module__", "") == half.__name__
        }
        constants |= {name: value for name, value in vars(half).items() if name.isupper() and isinstance(value, int)}
    with booted(cast("Kernel", services)), linked_with(symbols, constants):
        yield services


def gather() -> mmu_gather:
    return Gather()


@pytest.mark.parametrize("shift", range(16))
def test_a_table_and_its_shift_come_out_as_they_went_in(shift: int) -> None:
    """Encoded into one word, decoded in softirq, and given to where tables of that size come from."""
    with linked(64, pgalloc_64, pgalloc) as services:
        pgalloc.pgtable_free_tlb(gather(), table_p(TABLE), shift_t(shift))
        getattr(pgalloc, REMOVE)(pgf_p(int(services.calls[0][1])))
    home = ("free_pages", TABLE, 0) if shift == 0 else ("kmem_cache_free", shift, TABLE)
    assert services.calls == [("tlb_remove_table", TABLE | shift), home]


@pytest.mark.parametrize(("bits", "half", "shift"), [(64, pgalloc_64, 16), (32, pgalloc_32, 1)])
def test_a_shift_that_does_not_fit_bugs_before_the_table_is_queued(bits: int, half: ModuleType, shift: int) -> None:
    """One more than the mask holds."""
    with linked(bits, half, pgalloc) as services, pytest.raises(BUG, match="shift > MAX_PGTABLE_INDEX_SIZE"):
        pgalloc.pgtable_free_tlb(gather(), table_p(TABLE), shift_t(shift))
    assert services.calls == []


@pytest.mark.parametrize(("bits", "word"), [(64, 0xFFFFFFFFFFFFFFFF), (32, 0xFFFFFFFF)])
def test_a_negative_shift_passes_and_destroys_the_pointer(bits: int, word: int) -> None:
    """The seed's signed comparison (S8): every bit of the word is set, whatever its width."""
    with linked(bits, pgalloc_64 if bits == 64 else pgalloc_32, pgalloc) as services:
        pgalloc.pgtable_free_tlb(gather(), table_p(TABLE), shift_t(-1))
    assert services.calls == [("tlb_remove_table", word)]


def test_a_pte_table_loses_its_lock_and_is_queued_with_shift_zero() -> None:
    """After what hardware keeps of the entry above it has gone."""
    with linked(64, pgalloc_64, pgalloc) as services:
        getattr(pgalloc, PTE_FREE)(gather(), page_p(TABLE), 0x1000)
    assert services.calls == [("tlb_flush_pgtable",), ("pgtable_page_dtor", TABLE), ("tlb_remove_table", TABLE)]


@pytest.mark.parametrize(
    ("bits", "half", "calls"),
    [(64, pgalloc_64, [("tlb_remove_table", TABLE | 7)]), (32, pgalloc_32, [])],
    ids=["64-bit", "32-bit: the PMD is folded"],
)
def test_a_pmd_is_queued_with_its_index_size(bits: int, half: ModuleType, calls: list[tuple[str, int]]) -> None:
    """Where there is one."""
    with linked(bits, half, pgalloc) as services:
        getattr(half, PMD_FREE)(gather(), table_p(TABLE), 0x1000)
    assert services.calls == calls


@pytest.mark.parametrize(
    ("bits", "half", "shift", "call"),
    [
        (64, pgalloc_64, 0, ("free_pages", TABLE, 0)),
        (64, pgalloc_64, 7, ("kmem_cache_free", 7, TABLE)),
        (32, pgalloc_32, 0, ("free_pages", TABLE, 0)),
    ],
)
def test_on_up_a_table_is_freed_at_once(bits: int, half: ModuleType, shift: int, call: tuple[str, int, int]) -> None:
    """Generic code is not asked."""
    with linked(bits, half, pgalloc_up) as services:
        pgalloc_up.pgtable_free_tlb(gather(), table_p(TABLE), shift_t(shift))
    assert services.calls == [call]


@pytest.mark.parametrize(("bits", "half", "shift"), [(64, pgalloc_64, 16), (64, pgalloc_64, -1), (32, pgalloc_32, 7)])
def test_a_freer_bugs_at_an_index_that_it_has_no_cache_for(bits: int, half: ModuleType, shift: int) -> None:
    """On UP there is no other check; the index is unsigned here."""
    with linked(bits, half, pgalloc_up) as services, pytest.raises(BUG, match="index_size"):
        pgalloc_up.pgtable_free_tlb(gather(), table_p(TABLE), shift_t(shift))
    assert services.calls == []


@pytest.mark.parametrize("name", ["pgalloc_32", "pgalloc_64", "ipi"])
def test_the_largest_shift_is_also_a_mask(name: str) -> None:
    """So it is one less than a power of two."""
    most = importlib.import_module(f"mmu_gather_arch.{name}").MAX_PGTABLE_INDEX_SIZE
    assert most & (most + 1) == 0


@pytest.mark.parametrize(
    ("index", "calls"),
    [
        (0, [("pgtable_page_dtor", TABLE), ("free_pages", TABLE, 0)]),
        (1, [("pgtable_page_dtor", TABLE), ("free_pages", TABLE, 0)]),
        (2, [("kmem_cache_free", 9, TABLE)]),
        (4, [("kmem_cache_free", 4, TABLE)]),
        (5, [("kmem_cache_free", 3, TABLE)]),
    ],
)
def test_on_book3s_64_the_kind_says_where_a_table_goes(index: int, calls: list[tuple[str | int, ...]]) -> None:
    """Fragments to their pages, the others to the caches of their sizes."""
    with linked(64, pgtable_frag, pgtable_book3s64, hugepd) as services:
        pgtable_book3s64.pgtable_free_tlb(gather(), table_p(TABLE), shift_t(index))
        getattr(pgtable_book3s64, REMOVE)(pgf_p(int(services.calls[0][1])))
    assert services.calls == [("tlb_remove_table", TABLE | index), *calls]


@pytest.mark.parametrize(("halves", "index"), [((hugepd,), 3), ((hugepd,), 6), ((hugepd,), 15), ((), 4), ((), 5)])
def test_on_book3s_64_a_kind_that_is_not_freed_through_rcu_bugs(halves: tuple[ModuleType, ...], index: int) -> None:
    """A PGD table; what no kind is; and directories of huge pages where there are none any more."""
    with linked(64, pgtable_frag, pgtable_book3s64, *halves) as services, pytest.raises(BUG, match="through RCU"):
        getattr(pgtable_book3s64, REMOVE)(pgf_p(TABLE | index))
    assert services.calls == []
