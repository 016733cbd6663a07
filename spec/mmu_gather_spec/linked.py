# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The link table: how one half of a port calls the other.

A port's arch half writes `from mmu_gather_spec.linked import tlb_remove_table`, as C code
includes a header, and gets whatever generic half the suite has linked, even its own.  So every
call between the halves is seen, and a flush that does nothing can still be ordered.

What this file must not know: which implementation stands behind a name, and what a call means.
The functions' contracts are in `contract`; their signatures are kept equal to it by a test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from mmu_gather_spec.percpu import ppc64_tlb_batch
from mmu_gather_spec.words import (
    mm_struct,
    mmu_gather,
    page_p,
    pgf_p,
    pte_t,
    shift_t,
    table_p,
    ulong,
    unsigned_int,
)

#: What each name stands for now.  The functions below give it its types back.
_symbols: Mapping[str, Callable[..., Any]] = {}
_constants: Mapping[str, int] = {}


@contextmanager
def linked_with(symbols: Mapping[str, Callable[..., Any]], constants: Mapping[str, int], /) -> Iterator[None]:
    """Resolve names to `symbols` and `constants` for the length of a `with`."""
    global _symbols, _constants
    before = _symbols, _constants
    _symbols, _constants = symbols, constants
    try:
        yield
    finally:
        _symbols, _constants = before


def symbol(name: str, /) -> Callable[..., Any] | None:
    """What a name stands for in the linked image; None where nobody defines it."""
    return _symbols.get(name)


def constant(name: str, default: int, /) -> int:
    """A constant of the linked image."""
    return _constants.get(name, default)


def MAX_PGTABLE_INDEX_SIZE() -> int:
    """The linked arch half's constant of that name."""
    return _constants["MAX_PGTABLE_INDEX_SIZE"]


def PMD_INDEX_SIZE() -> int:
    """The index size of a PMD table on this machine, in bits; 0 where it is folded."""
    return _constants["PMD_INDEX_SIZE"]


# --- provided by the generic half ------------------------------------------------------


def tlb_gather_mmu(tlb: mmu_gather, mm: mm_struct, full_mm_flush: unsigned_int, /) -> None:
    """See `contract.GenericHalf.tlb_gather_mmu`."""
    _symbols["tlb_gather_mmu"](tlb, mm, full_mm_flush)


def tlb_flush_mmu(tlb: mmu_gather, start: ulong, end: ulong, /) -> None:
    """See `contract.GenericHalf.tlb_flush_mmu`."""
    _symbols["tlb_flush_mmu"](tlb, start, end)


def tlb_finish_mmu(tlb: mmu_gather, start: ulong, end: ulong, /) -> None:
    """See `contract.GenericHalf.tlb_finish_mmu`."""
    _symbols["tlb_finish_mmu"](tlb, start, end)


def tlb_remove_page(tlb: mmu_gather, page: page_p, /) -> None:
    """See `contract.GenericHalf.tlb_remove_page`."""
    _symbols["tlb_remove_page"](tlb, page)


def tlb_remove_table(tlb: mmu_gather, table: pgf_p, /) -> None:
    """See `contract.GenericHalf.tlb_remove_table`."""
    _symbols["tlb_remove_table"](tlb, table)


def tlb_table_flush(tlb: mmu_gather, /) -> None:
    """See `contract.GenericHalf.tlb_table_flush`."""
    _symbols["tlb_table_flush"](tlb)


def pte_free_tlb(tlb: mmu_gather, ptepage: page_p, address: ulong, /) -> None:
    """See `contract.GenericHalf.pte_free_tlb`."""
    _symbols["pte_free_tlb"](tlb, ptepage, address)


def pmd_free_tlb(tlb: mmu_gather, pmdp: table_p, address: ulong, /) -> None:
    """See `contract.GenericHalf.pmd_free_tlb`."""
    _symbols["pmd_free_tlb"](tlb, pmdp, address)


def tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: ulong, /) -> None:
    """See `contract.GenericHalf.tlb_remove_tlb_entry`."""
    _symbols["tlb_remove_tlb_entry"](tlb, ptep, address)


# --- provided by the arch half ---------------------------------------------------------


def tlb_flush(tlb: mmu_gather, /) -> None:
    """See `contract.ArchHalf.tlb_flush`."""
    _symbols["tlb_flush"](tlb)


def __tlb_remove_table(_table: pgf_p, /) -> None:
    """See `contract.ArchHalf.__tlb_remove_table`."""
    _symbols["__tlb_remove_table"](_table)


def pgtable_free_tlb(tlb: mmu_gather, table: table_p, shift: shift_t, /) -> None:
    """See `contract.ArchHalf.pgtable_free_tlb`."""
    _symbols["pgtable_free_tlb"](tlb, table, shift)


def __pte_free_tlb(tlb: mmu_gather, ptepage: page_p, address: ulong, /) -> None:
    """See `contract.ArchHalf.__pte_free_tlb`."""
    _symbols["__pte_free_tlb"](tlb, ptepage, address)


def __pmd_free_tlb(tlb: mmu_gather, pmdp: table_p, address: ulong, /) -> None:
    """See `contract.ArchHalf.__pmd_free_tlb`."""
    _symbols["__pmd_free_tlb"](tlb, pmdp, address)


def __tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: ulong, /) -> None:
    """See `contract.ArchHalf.__tlb_remove_tlb_entry`."""
    _symbols["__tlb_remove_tlb_entry"](tlb, ptep, address)


# --- inside the arch half, from one of its files to another ------------------------------


def pgtable_free(table: table_p, shift: shift_t, /) -> None:
    """Give a table back to where it came from: the page allocator or PGT_CACHE(shift)."""
    _symbols["pgtable_free"](table, shift)


def tlb_flush_pgtable(tlb: mmu_gather, address: ulong, /) -> None:
    """Invalidate what hardware keeps of the entry above a PTE table; Book3E only."""
    _symbols["tlb_flush_pgtable"](tlb, address)


def flush_tlb_mm(mm: mm_struct, /) -> None:
    """Invalidate every translation of `mm`, on every CPU that may hold one."""
    _symbols["flush_tlb_mm"](mm)


def __flush_tlb_pending(batch: ppc64_tlb_batch, /) -> None:
    """Flush the hash entries that wait in a CPU's batch.  Preemption is off."""
    _symbols["__flush_tlb_pending"](batch)


def pte_free_finish(tlb: mmu_gather, /) -> None:
    """rfc-2010-base only: submit the batch of tables; each arch's tlb_flush ends with it."""
    _symbols["pte_free_finish"](tlb)
