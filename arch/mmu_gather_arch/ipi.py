# SPDX-License-Identifier: GPL-2.0-only
"""The control: an architecture that flushes by IPI and needs no batching of tables.

It mirrors no single kernel file.  It stands for what the seed's comment says of such
architectures: the flush waits for every CPU that has IRQs off, so unlinking, flushing and
freeing is enough.  It does not select HAVE_RCU_TABLE_FREE: its tables go through
tlb_remove_page() like any page.  A rule that it fails is not about the batching.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import (
    flush_tlb_cpu,
    pgtable_page_dtor,
    preempt_disable,
    preempt_enable,
    smp_call_function,
)
from mmu_gather_spec.linked import tlb_remove_page
from mmu_gather_spec.words import mmu_gather, page_p, pte_t, shift_t, table_p, unsigned_long

#: Nothing is encoded here; the constant exists so that the link is complete.
MAX_PGTABLE_INDEX_SIZE: Final = 0xF


def do_flush(info: object, /) -> None:
    """do_flush - on each CPU that was interrupted"""
    assert isinstance(info, int)
    flush_tlb_cpu(info)


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - interrupt every CPU, and wait; in between the task stays where it is"""
    context = tlb.mm.context_id
    preempt_disable()
    smp_call_function(do_flush, context, 1)
    flush_tlb_cpu(context)
    preempt_enable()


def __pte_free_tlb(tlb: mmu_gather, ptepage: page_p, address: int, /) -> None:
    """__pte_free_tlb - a PTE table is a page like any other"""
    pgtable_page_dtor(ptepage)
    tlb_remove_page(tlb, ptepage)


def __pmd_free_tlb(tlb: mmu_gather, pmdp: table_p, address: int, /) -> None:
    """__pmd_free_tlb - and so is a PMD table"""
    tlb_remove_page(tlb, page_p(unsigned_long(pmdp)))


def pgtable_free_tlb(tlb: mmu_gather, table: table_p, shift: shift_t, /) -> None:
    """pgtable_free_tlb - by the page behind the table; the shift is not needed"""
    tlb_remove_page(tlb, page_p(unsigned_long(table)))


def __tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None:
    """__tlb_remove_tlb_entry - nothing: tlb_flush() takes the whole mm"""
