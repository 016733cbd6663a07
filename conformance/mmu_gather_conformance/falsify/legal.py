# SPDX-License-Identifier: GPL-2.0-only
"""Automatic mutants that differ from the reference and are correct, each with the words that allow it.

A person has read each of them.  One that is not here and that nothing catches is a hole in the rules, or belongs
here; one that is here and is caught, or does not differ any more, does not belong here, and a test says so.
"""

from __future__ import annotations

from typing import Final

#: Why they are correct, and which they are.
REASONS: Final[dict[str, tuple[str, ...]]] = {
    "A batch of slots may be smaller: progress.pages-without-a-page asks for enough flushes and no lost page.": (
        "asm_generic_tlb.LOCAL.less",
        "asm_generic_tlb.LOCAL.half",
        "asm_generic_tlb.__tlb_alloc_pages.operator-3",
        "asm_generic_tlb.tlb_remove_page.bound-down-1",
        "asm_generic_tlb.tlb_remove_page.negate-2",
    ),
    "A gather may do without a page of slots: progress.pages-without-a-page has it make do with its own.": (
        "asm_generic_tlb.tlb_gather_mmu.drop-9",
        "asm_generic_tlb.tlb_flush_mmu.drop-9",
        "asm_generic_tlb.tlb_flush_mmu.drop-10",
    ),
    "batch.allocation-may-fail forbids flags that may sleep, and no flag at all is none of them.": (
        "asm_generic_tlb.__tlb_alloc_pages.operator-1",
    ),
    "Fast mode is a permission: order.page-freed-after-flush is kept all the better without it.": (
        "asm_generic_tlb.tlb_gather_mmu.bound-down-1",
    ),
    "separation.shortcut-below-two-users is a MAY: a table may always wait.": (
        "memory.tlb_remove_table.drop-2",
        "memory.tlb_remove_table.bound-down-1",
    ),
    "Only arch.indirect-entry-first reads the address, and on these architectures nothing keeps such an entry.": (
        "asm_generic_tlb.pte_free_tlb.ignore-1",
        "asm_generic_tlb.pmd_free_tlb.ignore-1",
    ),
    "order.destructor-before-free asks for the destructor before the free; the invalidation may come on either side.": (
        "pgalloc.__pte_free_tlb.swap-1",
        "pgalloc_up.__pte_free_tlb.swap-1",
    ),
    "encoding.mask-of-ones: 1 is a mask.  encoding.only-zero-on-32-bit: a shift of 1 BUGs when its table is freed.": (
        "pgalloc_32.MAX_PGTABLE_INDEX_SIZE.more",
    ),
    "It differs for a negative shift alone, and that the pointer is destroyed then is erratum S8.": (
        "pgalloc.pgtable_free_tlb.operator-4",
    ),
    "arch.hash64-waits-in-lazy-mode permits waiting and asks for none: an entry may be dropped sooner.": (
        "hash64.hpte_need_flush.swap-3",
        "hash64.hpte_need_flush.negate-4",
        "hash64.hpte_need_flush.bound-down-2",
        "hash64.arch_enter_lazy_mmu_mode.drop-2",
        "hash64.arch_enter_lazy_mmu_mode.constant-1",
    ),
    "arch.hash64-flush asks that what waits is flushed, not by which call: one entry is a range as well.": (
        "hash64.__flush_tlb_pending.bound-down-1",
    ),
    "The caller holds the PTE lock, so the task stays where it is after put_cpu_var() as well.": (
        "hash64.hpte_need_flush.swap-10",
    ),
    "A flush of a context that nobody has, or of CPUs that hold nothing, is one too many and harms nobody.": (
        "nohash.MMU_NO_CONTEXT.less",
        "nohash.mm_is_core_local.drop-1",
        "nohash.flush_tlb_mm.bound-down-1",
    ),
    "arch.flush-on-one-cpu asks for both parts of a flush before the task may move, and for no order of them.": (
        "nohash.flush_tlb_mm.swap-4",
        "ipi.tlb_flush.swap-3",
    ),
    "Nothing is encoded where tables go the way of pages: the constant is there to complete the link.": (
        "ipi.MAX_PGTABLE_INDEX_SIZE.more",
        "ipi.MAX_PGTABLE_INDEX_SIZE.less",
        "ipi.MAX_PGTABLE_INDEX_SIZE.half",
    ),
}

#: By name: why it is correct.
LEGAL: Final[dict[str, str]] = {name: reason for reason, names in REASONS.items() for name in names}
