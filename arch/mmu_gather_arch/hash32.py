# SPDX-License-Identifier: GPL-2.0-only
"""arch/powerpc/mm/tlb_hash32.c: the hash entry goes with the PTE, so the flush has nothing left.

Hardware reads the hash table, never the Linux tables.  An entry is dropped while its PTE is
cleared, by reading that PTE; so the PTE table must still be there, which is why the flush
precedes the free even here.  A 603 has no hash table; its TLB is loaded by software and
flushed whole.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import Hash, _tlbia, flush_hash_pages
from mmu_gather_spec.words import _PAGE_HASHPTE, mm_struct, mmu_gather, pte_t, pte_val


def flush_hash_entry(mm: mm_struct, ptep: pte_t, addr: int, /) -> None:
    """flush_hash_entry - drop the hash entry of one PTE, on all CPUs"""
    if not Hash():
        return
    flush_hash_pages(mm.context_id, addr, ptep, 1)


def __tlb_remove_tlb_entry(tlb: mmu_gather, ptep: pte_t, address: int, /) -> None:
    """__tlb_remove_tlb_entry - the real invalidation of hash32 happens here"""
    if pte_val(ptep) & _PAGE_HASHPTE:
        flush_hash_entry(tlb.mm, ptep, address)


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - the whole TLB where there is no hash table, else nothing"""
    if not Hash():
        _tlbia()


def tlb_flush_pgtable(tlb: mmu_gather, address: int, /) -> None:
    """tlb_flush_pgtable - nothing: hardware keeps nothing of the Linux tables"""
