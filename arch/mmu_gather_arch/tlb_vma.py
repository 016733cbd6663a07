# SPDX-License-Identifier: GPL-2.0-only
"""arch/powerpc/include/asm/tlb.h, and x86's and sparc's, until v5.18: nothing is done around a VMA.

Ranges grow over several VMAs, so no flush comes at the end of one; not even of one whose pages nobody counts (S14).
Since v5.19 that is an option, MMU_GATHER_MERGE_VMAS, and generic code sees to such VMAs.
"""

from __future__ import annotations

from mmu_gather_spec.words import mmu_gather, vm_area_struct


def tlb_start_vma(tlb: mmu_gather, vma: vm_area_struct, /) -> None:
    """tlb_start_vma - nothing"""


def tlb_end_vma(tlb: mmu_gather, vma: vm_area_struct, /) -> None:
    """tlb_end_vma - nothing: the flush comes with the others"""
