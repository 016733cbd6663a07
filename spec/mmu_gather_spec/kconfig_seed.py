# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The seed's source files, as the patch and the reply show them: the declarations that the first closure is made of.

Listed are the names that the patch adds, moves or calls across the halves, and the few steps that lead from
mm/memory.c to them (who calls pte_free_tlb(), who calls tlb_flush()). Left out are the kernel services, which
are there in every configuration; static functions, which nobody else can miss; and the include lists, which
the mail does not show: every header counts as seen by every unit. arch/powerpc/mm/pgtable.c is listed empty,
because the patch takes all of its batching away.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kconfig_tree import (
    ALWAYS,
    File,
    Guard,
    Kind,
    Point,
    Provide,
    Report,
    Select,
    Side,
    Tree,
    Use,
    kernel,
    seed,
)


def rcu(file: str, line: int) -> Guard:
    """One of the five places where the patch asks for HAVE_RCU_TABLE_FREE."""
    return Guard(on=("HAVE_RCU_TABLE_FREE",), source=seed(file, line, "#ifdef CONFIG_HAVE_RCU_TABLE_FREE"))


PGALLOC: Final = "arch/powerpc/include/asm/pgalloc.h"
PGALLOC_32: Final = "arch/powerpc/include/asm/pgalloc-32.h"
PGALLOC_64: Final = "arch/powerpc/include/asm/pgalloc-64.h"
ASM_TLB: Final = "arch/powerpc/include/asm/tlb.h"
PGTABLE: Final = "arch/powerpc/mm/pgtable.c"
HASH32: Final = "arch/powerpc/mm/tlb_hash32.c"
HASH64: Final = "arch/powerpc/mm/tlb_hash64.c"
NOHASH: Final = "arch/powerpc/mm/tlb_nohash.c"
TLB: Final = "include/asm-generic/tlb.h"
MEMORY: Final = "mm/memory.c"
MAKEFILE: Final = "arch/powerpc/mm/Makefile"

SMP: Final = Guard(on=("SMP",), source=seed(PGALLOC, 53, "#ifdef CONFIG_SMP"))
UP: Final = Guard(off=("SMP",), source=seed(PGALLOC, 74, "#else /* CONFIG_SMP */"))
BOOK3E: Final = Guard(on=("PPC_BOOK3E_64",), source=kernel(PGALLOC, "#ifdef CONFIG_PPC_BOOK3E"))
NOT_BOOK3E: Final = Guard(off=("PPC_BOOK3E_64",), source=kernel(PGALLOC, "#else /* CONFIG_PPC_BOOK3E */"))
PPC64: Final = Guard(on=("PPC64",), source=kernel(PGALLOC, "#ifdef CONFIG_PPC64"))
PPC32: Final = Guard(off=("PPC64",), source=kernel(PGALLOC, "#else, to #ifdef CONFIG_PPC64"))
NOHASH_64: Final = Guard(on=("PPC64",), source=kernel(NOHASH, "#ifdef CONFIG_PPC64"))

TABLES: Final = rcu(TLB, 263)
FIELD: Final = rcu(TLB, 319)
GATHER: Final = rcu(TLB, 331)
FLUSH: Final = rcu(TLB, 340)
FREE: Final = rcu(MEMORY, 354)

ARCH_HEADERS: Final = (
    File(
        PGALLOC,
        Side.ARCH,
        None,
        (
            Provide("tlb_flush_pgtable", Kind.EXTERN, BOOK3E, kernel(PGALLOC, "void tlb_flush_pgtable")),
            Provide("tlb_flush_pgtable", Kind.INLINE, NOT_BOOK3E, kernel(PGALLOC, "void tlb_flush_pgtable")),
            Provide("tlb_remove_table", Kind.EXTERN, SMP, seed(PGALLOC, 57, "extern void tlb_remove_table")),
            Provide("pgtable_free_tlb", Kind.INLINE, SMP, seed(PGALLOC, 59, "void pgtable_free_tlb")),
            Use("MAX_PGTABLE_INDEX_SIZE", "pgtable_free_tlb", SMP, seed(PGALLOC, 62, "MAX_PGTABLE_INDEX")),
            Use("tlb_remove_table", "pgtable_free_tlb", SMP, seed(PGALLOC, 64, "tlb_remove_table(tlb")),
            Provide("__tlb_remove_table", Kind.INLINE, SMP, seed(PGALLOC, 67, "void __tlb_remove_table")),
            Use("MAX_PGTABLE_INDEX_SIZE", "__tlb_remove_table", SMP, seed(PGALLOC, 69, "MAX_PGTABLE_INDEX")),
            Use("pgtable_free", "__tlb_remove_table", SMP, seed(PGALLOC, 72, "pgtable_free(table, shift)")),
            Provide("pgtable_free_tlb", Kind.INLINE, UP, seed(PGALLOC, 75, "void pgtable_free_tlb")),
            Use("pgtable_free", "pgtable_free_tlb", UP, seed(PGALLOC, 77, "pgtable_free(table, shift)")),
            Provide("__pte_free_tlb", Kind.INLINE, ALWAYS, seed(PGALLOC, 82, "void __pte_free_tlb")),
            Use("tlb_flush_pgtable", "__pte_free_tlb", ALWAYS, kernel(PGALLOC, "tlb_flush_pgtable(tlb")),
            Use("pgtable_free_tlb", "__pte_free_tlb", ALWAYS, kernel(PGALLOC, "pgtable_free_tlb(tlb")),
        ),
    ),
    File(
        PGALLOC_32,
        Side.ARCH,
        None,
        (
            Provide("MAX_PGTABLE_INDEX_SIZE", Kind.DATA, PPC32, kernel(PGALLOC_32, "MAX_PGTABLE_INDEX_SIZE")),
            Provide("pgtable_free", Kind.INLINE, PPC32, kernel(PGALLOC_32, "void pgtable_free")),
        ),
    ),
    File(
        PGALLOC_64,
        Side.ARCH,
        None,
        (
            Provide("MAX_PGTABLE_INDEX_SIZE", Kind.DATA, PPC64, kernel(PGALLOC_64, "MAX_PGTABLE_INDEX_SIZE")),
            Provide("pgtable_free", Kind.INLINE, PPC64, kernel(PGALLOC_64, "void pgtable_free")),
        ),
    ),
    File(
        ASM_TLB,
        Side.ARCH,
        None,
        (Provide("tlb_flush", Kind.EXTERN, ALWAYS, seed(ASM_TLB, 101, "extern void tlb_flush")),),
    ),
)

ARCH_UNITS: Final = (
    File(PGTABLE, Side.ARCH, ALWAYS),
    File(
        HASH32,
        Side.ARCH,
        Guard(on=("PPC_STD_MMU_32",), source=kernel(MAKEFILE, "tlb_hash$(CONFIG_WORD_SIZE).o")),
        (Provide("tlb_flush", Kind.BODY, ALWAYS, seed(HASH32, 217, "void tlb_flush")),),
    ),
    File(
        HASH64,
        Side.ARCH,
        Guard(on=("PPC_STD_MMU_64",), source=kernel(MAKEFILE, "tlb_hash$(CONFIG_WORD_SIZE).o")),
        (Provide("tlb_flush", Kind.BODY, ALWAYS, seed(HASH64, 231, "void tlb_flush")),),
    ),
    File(
        NOHASH,
        Side.ARCH,
        Guard(on=("PPC_MMU_NOHASH",), source=kernel(MAKEFILE, "tlb_nohash.o")),
        (
            Provide("tlb_flush", Kind.BODY, ALWAYS, seed(NOHASH, 246, "void tlb_flush")),
            Provide("tlb_flush_pgtable", Kind.BODY, NOHASH_64, kernel(NOHASH, "void tlb_flush_pgtable")),
        ),
    ),
)

GENERIC_FILES: Final = (
    File(
        TLB,
        Side.GENERIC,
        None,
        (
            Provide("struct mmu_table_batch", Kind.DATA, TABLES, seed(TLB, 292, "struct mmu_table_batch")),
            Provide("MAX_TABLE_BATCH", Kind.DATA, TABLES, seed(TLB, 298, "#define MAX_TABLE_BATCH")),
            Provide("tlb_table_flush", Kind.EXTERN, TABLES, seed(TLB, 301, "extern void tlb_table_flush")),
            Provide("tlb_remove_table", Kind.EXTERN, TABLES, seed(TLB, 302, "extern void tlb_remove_table")),
            Provide("mmu_gather.batch", Kind.DATA, FIELD, seed(TLB, 320, "*batch;")),
            Provide("tlb_gather_mmu", Kind.INLINE, ALWAYS, seed(TLB, 325, "tlb_gather_mmu(")),
            Use("mmu_gather.batch", "tlb_gather_mmu", GATHER, seed(TLB, 332, "tlb->batch")),
            Provide("tlb_flush_mmu", Kind.INLINE, ALWAYS, seed(TLB, 336, "tlb_flush_mmu(")),
            Use("tlb_flush", "tlb_flush_mmu", ALWAYS, seed(TLB, 339, "tlb_flush(tlb)")),
            Use("tlb_table_flush", "tlb_flush_mmu", FLUSH, seed(TLB, 341, "tlb_table_flush(tlb)")),
            Provide("tlb_finish_mmu", Kind.INLINE, ALWAYS, kernel(TLB, "tlb_finish_mmu(")),
            Use("tlb_flush_mmu", "tlb_finish_mmu", ALWAYS, kernel(TLB, "tlb_flush_mmu(")),
            Provide("pte_free_tlb", Kind.INLINE, ALWAYS, kernel(TLB, "#define pte_free_tlb")),
            Use("__pte_free_tlb", "pte_free_tlb", ALWAYS, kernel(TLB, "__pte_free_tlb(")),
        ),
    ),
    File(
        MEMORY,
        Side.GENERIC,
        ALWAYS,
        (
            Use("__tlb_remove_table", "tlb_remove_table_one", FREE, seed(MEMORY, 375, "__tlb_remove_table(")),
            Use("__tlb_remove_table", "tlb_remove_table_rcu", FREE, seed(MEMORY, 386, "__tlb_remove_table(")),
            Provide("tlb_table_flush", Kind.BODY, FREE, seed(MEMORY, 391, "void tlb_table_flush")),
            Use("mmu_gather.batch", "tlb_table_flush", FREE, seed(MEMORY, 393, "&tlb->batch")),
            Provide("tlb_remove_table", Kind.BODY, FREE, seed(MEMORY, 401, "void tlb_remove_table")),
            Use("struct mmu_table_batch", "tlb_remove_table", FREE, seed(MEMORY, 403, "mmu_table_batch")),
            Use("mmu_gather.batch", "tlb_remove_table", FREE, seed(MEMORY, 403, "&tlb->batch")),
            Use("__tlb_remove_table", "tlb_remove_table", FREE, seed(MEMORY, 412, "__tlb_remove_table(")),
            Use("MAX_TABLE_BATCH", "tlb_remove_table", FREE, seed(MEMORY, 425, "MAX_TABLE_BATCH")),
            Use("tlb_table_flush", "tlb_remove_table", FREE, seed(MEMORY, 426, "tlb_table_flush(tlb)")),
            Use("pte_free_tlb", "free_pte_range", ALWAYS, kernel(MEMORY, "pte_free_tlb(")),
            Use("tlb_gather_mmu", "zap_page_range", ALWAYS, kernel(MEMORY, "tlb_gather_mmu(")),
            Use("tlb_finish_mmu", "zap_page_range", ALWAYS, kernel(MEMORY, "tlb_finish_mmu(")),
        ),
    ),
)

BOOK3E_REPORT: Final = Report(
    Guard(on=("PPC_BOOK3E_64",)),
    seed("the reply", 22, "some additional breakage for the 64-bit BookE case"),
)

TREE: Final = Tree(
    files=ARCH_HEADERS + ARCH_UNITS + GENERIC_FILES,
    reports=(BOOK3E_REPORT,),
    implicit_call_refused=kernel("Makefile", "-Werror-implicit-function-declaration"),
)

SELECTS: Final = (
    Select(
        "HAVE_RCU_TABLE_FREE",
        Guard(on=("PPC64",)),
        "the patch",
        seed("arch/powerpc/Kconfig", 454, "select HAVE_RCU_TABLE_FREE if PPC64"),
    ),
    Select(
        "HAVE_RCU_TABLE_FREE",
        Guard(on=("SMP",)),
        "the reply",
        seed("arch/powerpc/Kconfig", 20, "select HAVE_RCU_TABLE_FREE if SMP"),
    ),
)

POINTS: Final = tuple(
    Point(f"{family} {'SMP' if smp else 'UP'}", frozenset(symbols + smp))
    for family, symbols in (
        ("PPC32", ("PPC32", "PPC_STD_MMU_32")),
        ("PPC64", ("PPC64", "PPC_STD_MMU_64")),
        ("Book3E-64", ("PPC64", "PPC_BOOK3E_64", "PPC_MMU_NOHASH")),
    )
    for smp in (("SMP",), ())
)
