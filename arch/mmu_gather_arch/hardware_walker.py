# SPDX-License-Identifier: GPL-2.0-only
"""The control beside `ipi`: hardware that reads the Linux tables itself, flushed by broadcast.

It mirrors no single kernel file.  It stands for the architectures that came to the batching later (arm64,
radix): nobody is interrupted by a flush, so walkers have to be waited for; and the hardware caches what it has
read of the tables, so a table must be invalidated before it is freed.  On powerpc's own three MMUs the
second never mattered, and the seed does not do it: here that shows (S1, S3, S5).
Tables are encoded and freed as pgalloc and pgalloc_64 do it.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import flush_tlb_bcast
from mmu_gather_spec.words import mmu_gather, pte_t


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - the whole mm, with its walk caches, on every CPU; nobody is interrupted"""
    flush_tlb_bcast(tlb.mm.context_id)


def tlb_flush_pgtable(tlb: mmu_gather, address: int, /) -> None:
    """tlb_flush_pgtable - nothing: tlb_flush() takes the walk caches along, if it comes in time"""


def __tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None:
    """__tlb_remove_tlb_entry - nothing: tlb_flush() takes the whole mm"""
