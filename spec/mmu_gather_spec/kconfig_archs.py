# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The arch halves around the seed: what each arch's headers and units require and provide of the batching, by era.

As much is listed as the selection decides about: how the arch gives a table, and what it has for freeing one. Who
provides tlb_flush() is no matter of it any more, since no era after the seed moves that. How each source was come by
is said in kconfig_generic.py; that powerpc batched by itself, in the two eras before the seed, stands in the lines
that the seed removes.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kconfig_generic import RCU, Read, under
from mmu_gather_spec.kconfig_seed import (
    HASH32,
    HASH64,
    NOHASH,
    PGALLOC,
    PGTABLE,
    SMP,
    UP,
)
from mmu_gather_spec.kconfig_tree import ALWAYS, Entry, File, Guard, Kind, Provide, Side, Use, kernel, seed

BOOK3S: Final = "arch/powerpc/include/asm/book3s/pgalloc.h"
BOOK3S_32: Final = "arch/powerpc/include/asm/book3s/32/pgalloc.h"
BOOK3S_64: Final = "arch/powerpc/include/asm/book3s/64/pgalloc.h"
NOHASH_PGALLOC: Final = "arch/powerpc/include/asm/nohash/pgalloc.h"
BOOK3S_64_PGTABLE: Final = "arch/powerpc/mm/book3s64/pgtable.c"
PPC_TLB: Final = "arch/powerpc/include/asm/tlb.h"
SPARC_PGALLOC: Final = "arch/sparc/include/asm/pgalloc_64.h"
SPARC_TLB: Final = "arch/sparc/include/asm/tlb_64.h"
SPARC_INIT: Final = "arch/sparc/mm/init_64.c"
X86_TLB: Final = "arch/x86/include/asm/tlb.h"
X86_PGALLOC: Final = "arch/x86/include/asm/pgalloc.h"
X86_PGTABLE: Final = "arch/x86/mm/pgtable.c"
X86_KVM: Final = "arch/x86/kernel/kvm.c"
S390_TLB: Final = "arch/s390/include/asm/tlb.h"
S390_PGALLOC: Final = "arch/s390/mm/pgalloc.c"


def before_the_seed() -> tuple[File, ...]:
    """powerpc's own batching: asm/pgalloc.h and arch/powerpc/mm/pgtable.c agree on CONFIG_SMP; no symbol is asked."""
    batching = Guard(on=("SMP",), source=seed(PGTABLE, 112, "#ifdef CONFIG_SMP"))
    header: tuple[Entry, ...] = (
        Provide("pgtable_free_tlb", Kind.EXTERN, SMP, seed(PGALLOC, 54, "extern void pgtable_free_tlb")),
        Provide("pte_free_finish", Kind.EXTERN, SMP, seed(PGALLOC, 55, "extern void pte_free_finish")),
        Provide("pgtable_free_tlb", Kind.INLINE, UP, seed(PGALLOC, 75, "void pgtable_free_tlb")),
        Provide("pte_free_finish", Kind.INLINE, UP, seed(PGALLOC, 79, "void pte_free_finish")),
        Provide("__pte_free_tlb", Kind.INLINE, ALWAYS, seed(PGALLOC, 82, "void __pte_free_tlb")),
        Use("pgtable_free_tlb", "__pte_free_tlb", ALWAYS, kernel(PGALLOC, "pgtable_free_tlb(tlb")),
    )
    unit: tuple[Entry, ...] = (
        Provide("pgtable_free_tlb", Kind.BODY, batching, seed(PGTABLE, 171, "void pgtable_free_tlb")),
        Provide("pte_free_finish", Kind.BODY, batching, seed(PGTABLE, 198, "void pte_free_finish")),
    )
    flushes = (
        File(path, Side.ARCH, Guard(on=(symbol,)), (Use("pte_free_finish", "tlb_flush", ALWAYS, source),))
        for path, symbol, source in (
            (HASH32, "PPC_STD_MMU_32", seed(HASH32, 223, "pte_free_finish(tlb)")),
            (HASH64, "PPC_STD_MMU_64", seed(HASH64, 237, "pte_free_finish(tlb)")),
            (NOHASH, "PPC_MMU_NOHASH", seed(NOHASH, 251, "pte_free_finish(tlb)")),
        )
    )
    return (File(PGALLOC, Side.ARCH, None, header), File(PGTABLE, Side.ARCH, ALWAYS, unit), *flushes)


def _encoded(file: str, guard: Guard, read: Read) -> tuple[Entry, ...]:
    """A table that takes its shift along, all of it in a header."""
    return (
        Provide("pgtable_free_tlb", Kind.INLINE, guard, read(file, "void pgtable_free_tlb")),
        Use("tlb_remove_table", "pgtable_free_tlb", guard, read(file, "tlb_remove_table(tlb")),
        Provide("__tlb_remove_table", Kind.INLINE, guard, read(file, "void __tlb_remove_table")),
        Provide("__pte_free_tlb", Kind.INLINE, guard, read(file, "void __pte_free_tlb")),
        Use("pgtable_free_tlb", "__pte_free_tlb", guard, read(file, "pgtable_free_tlb(tlb")),
    )


def powerpc(read: Read) -> tuple[File, ...]:
    """Since v5.6: tables are given to the generic code on SMP and on UP."""
    nohash = Guard(off=("PPC_BOOK3S_32", "PPC_BOOK3S_64"), source=read(PGALLOC, "#ifdef CONFIG_PPC_BOOK3S"))
    hash32 = Guard(on=("PPC_BOOK3S_32",), source=read(BOOK3S, "#ifdef CONFIG_PPC64"))
    book3s_64 = Guard(on=("PPC_BOOK3S_64",), source=read(BOOK3S, "#ifdef CONFIG_PPC64"))
    declared = Provide("tlb_remove_table", Kind.EXTERN, ALWAYS, read(BOOK3S, "extern void tlb_remove_table"))
    header_64: tuple[Entry, ...] = (
        Provide("pgtable_free_tlb", Kind.EXTERN, book3s_64, read(BOOK3S_64, "extern void pgtable_free_tlb")),
        Provide("__tlb_remove_table", Kind.EXTERN, book3s_64, read(BOOK3S_64, "extern void __tlb_remove_table")),
        Provide("__pte_free_tlb", Kind.INLINE, book3s_64, read(BOOK3S_64, "void __pte_free_tlb")),
        Use("pgtable_free_tlb", "__pte_free_tlb", book3s_64, read(BOOK3S_64, "pgtable_free_tlb(tlb")),
    )
    unit_64: tuple[Entry, ...] = (
        Provide("pgtable_free_tlb", Kind.BODY, ALWAYS, read(BOOK3S_64_PGTABLE, "void pgtable_free_tlb")),
        Use("tlb_remove_table", "pgtable_free_tlb", ALWAYS, read(BOOK3S_64_PGTABLE, "tlb_remove_table(tlb")),
        Provide("__tlb_remove_table", Kind.BODY, ALWAYS, read(BOOK3S_64_PGTABLE, "void __tlb_remove_table")),
    )
    needs = read(PPC_TLB, "#define tlb_needs_table_invalidate()")
    return (
        File(BOOK3S, Side.ARCH, None, (declared,)),
        File(BOOK3S_32, Side.ARCH, None, _encoded(BOOK3S_32, hash32, read)),
        File(BOOK3S_64, Side.ARCH, None, header_64),
        File(NOHASH_PGALLOC, Side.ARCH, None, _encoded(NOHASH_PGALLOC, nohash, read)),
        File(PPC_TLB, Side.ARCH, None, (Provide("tlb_needs_table_invalidate", Kind.INLINE, ALWAYS, needs),)),
        File(BOOK3S_64_PGTABLE, Side.ARCH, Guard(on=("PPC_BOOK3S_64",)), unit_64),
    )


def sparc64(era: str, read: Read) -> tuple[File, ...]:
    """Tables are given to the generic code on SMP, and freed at once on UP."""
    smp = Guard(on=("SMP",), source=read(SPARC_PGALLOC, "#ifdef CONFIG_SMP"))
    up = Guard(off=("SMP",), source=read(SPARC_PGALLOC, "#else /* CONFIG_SMP */"))
    header: tuple[Entry, ...] = (
        Provide("pgtable_free", Kind.EXTERN, ALWAYS, read(SPARC_PGALLOC, "void pgtable_free")),
        Provide("tlb_remove_table", Kind.EXTERN, smp, read(SPARC_PGALLOC, "void tlb_remove_table")),
        Provide("pgtable_free_tlb", Kind.INLINE, smp, read(SPARC_PGALLOC, "void pgtable_free_tlb")),
        Use("tlb_remove_table", "pgtable_free_tlb", smp, read(SPARC_PGALLOC, "tlb_remove_table(tlb")),
        Provide("__tlb_remove_table", Kind.INLINE, smp, read(SPARC_PGALLOC, "void __tlb_remove_table")),
        Use("pgtable_free", "__tlb_remove_table", smp, read(SPARC_PGALLOC, "pgtable_free(table")),
        Provide("pgtable_free_tlb", Kind.INLINE, up, read(SPARC_PGALLOC, "void pgtable_free_tlb")),
        Use("pgtable_free", "pgtable_free_tlb", up, read(SPARC_PGALLOC, "pgtable_free(table")),
        Provide("__pte_free_tlb", Kind.INLINE, ALWAYS, read(SPARC_PGALLOC, "void __pte_free_tlb")),
        Use("pgtable_free_tlb", "__pte_free_tlb", ALWAYS, read(SPARC_PGALLOC, "pgtable_free_tlb(tlb")),
    )
    unit = Provide("pgtable_free", Kind.BODY, ALWAYS, read(SPARC_INIT, "void pgtable_free"))
    found = (File(SPARC_PGALLOC, Side.ARCH, None, header), File(SPARC_INIT, Side.ARCH, ALWAYS, (unit,)))
    if era == "v4.19":
        return found
    needs = read(SPARC_TLB, "#define tlb_needs_table_invalidate()")
    entry = Provide("tlb_needs_table_invalidate", Kind.INLINE, under(RCU, read, SPARC_TLB), needs)
    return (*found, File(SPARC_TLB, Side.ARCH, None, (entry,)))


def by_page(file: str, era: str, read: Read) -> tuple[Entry, ...]:
    """A table is a page, and is freed as one; since v6.14 by the generic function."""
    if era == "v7.0":
        return ()
    return (Provide("__tlb_remove_table", Kind.INLINE, ALWAYS, read(file, "void __tlb_remove_table")),)


def x86(era: str, read: Read) -> tuple[File, ...]:
    """Until v6.14 a hypervisor's guest batches tables, by a hook; since then everybody does."""
    free = Provide("__pte_free_tlb", Kind.INLINE, ALWAYS, read(X86_PGALLOC, "void __pte_free_tlb"))
    headers = (
        File(X86_TLB, Side.ARCH, None, by_page(X86_TLB, era, read)),
        File(X86_PGALLOC, Side.ARCH, None, (free,)),
    )
    if era == "v7.0":
        called = Use("tlb_remove_table", "___pte_free_tlb", ALWAYS, read(X86_PGTABLE, "tlb_remove_table(tlb"))
        return (*headers, File(X86_PGTABLE, Side.ARCH, ALWAYS, (called,)))
    bare = Guard(off=("PARAVIRT",), source=read(X86_PGTABLE, "#ifndef CONFIG_PARAVIRT"))
    page = Use("tlb_remove_page", "paravirt_tlb_remove_table", bare, read(X86_PGTABLE, "tlb_remove_page(tlb"))
    hook = Use("tlb_remove_table", "kvm_guest_init", ALWAYS, read(X86_KVM, "tlb_remove_table;"), address=True)
    return (
        *headers,
        File(X86_PGTABLE, Side.ARCH, ALWAYS, (page,)),
        File(X86_KVM, Side.ARCH, Guard(on=("KVM_GUEST",)), (hook,)),
    )


def arm(file: str, era: str, read: Read) -> tuple[File, ...]:
    """arm and arm64: every table goes to tlb_remove_table(), whatever that is."""
    entries: tuple[Entry, ...] = (
        *by_page(file, era, read),
        Provide("__pte_free_tlb", Kind.INLINE, ALWAYS, read(file, "__pte_free_tlb(")),
        Use("tlb_remove_table", "__pte_free_tlb", ALWAYS, read(file, "tlb_remove_table(tlb")),
    )
    return (File(file, Side.ARCH, None, entries),)


def s390(era: str, read: Read) -> tuple[File, ...]:
    """Pages are freed as they come, without a gather of them; tables wait."""
    given = S390_TLB if era in ("v6.12", "v7.0") else S390_PGALLOC
    by = "pte_free_tlb" if given == S390_TLB else "page_table_free_rcu"
    use = Use("tlb_remove_table", by, ALWAYS, read(given, "tlb_remove_table(tlb"))
    header: tuple[Entry, ...] = (Provide("pte_free_tlb", Kind.INLINE, ALWAYS, read(S390_TLB, "void pte_free_tlb")),)
    unit: tuple[Entry, ...] = ()
    if era != "v7.0":
        header += (Provide("__tlb_remove_table", Kind.EXTERN, ALWAYS, read(S390_TLB, "void __tlb_remove_table")),)
        unit += (Provide("__tlb_remove_table", Kind.BODY, ALWAYS, read(S390_PGALLOC, "void __tlb_remove_table")),)
    if given == S390_TLB:
        header += (use,)
    else:
        unit += (use,)
    return (File(S390_TLB, Side.ARCH, None, header), File(S390_PGALLOC, Side.ARCH, ALWAYS, unit))
