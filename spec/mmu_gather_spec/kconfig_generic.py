# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The generic half after the seed: what asm-generic/tlb.h and the code behind it require and provide, by era.

Until v4.19 the mechanism is behind one symbol, HAVE_RCU_TABLE_FREE. Since v5.7 it is behind two:
MMU_GATHER_RCU_TABLE_FREE, which an arch selects, and MMU_GATHER_TABLE_FREE, which that selects in turn. The second by
itself has never been selected by anybody, and does not compile: tlb_table_invalidate() asks
tlb_needs_table_invalidate(), which is there only with the first. Without either, tlb_remove_table() is another name for
tlb_remove_page().

6.1 and 6.12 were read as Debian has them. Of 7.0 the Kconfig lines were read in the mails that proposed them, and none
of its files; v4.19 and v5.7 were not read, either: theirs are the names of their neighbours and of the commits' own
texts. The sources of these three say "unverified".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from mmu_gather_spec.kconfig_seed import MEMORY, TLB, TREE
from mmu_gather_spec.kconfig_tree import (
    ALWAYS,
    Entry,
    File,
    Guard,
    Kind,
    Option,
    Provide,
    Refuse,
    Side,
    Source,
    Tree,
    Use,
    kernel,
    memory,
)

#: How a phrase of an era was come by.
Read: TypeAlias = Callable[[str, str], Source]
READ: Final[dict[str, Read]] = {"v4.19": memory, "v5.7": memory, "v6.1": kernel, "v6.12": kernel, "v7.0": memory}

HAVE: Final = "HAVE_RCU_TABLE_FREE"
RCU: Final = "MMU_GATHER_RCU_TABLE_FREE"
TABLE: Final = "MMU_GATHER_TABLE_FREE"
OWN: Final = "HAVE_ARCH_TLB_REMOVE_TABLE"
NO_GATHER: Final = "MMU_GATHER_NO_GATHER"
PT_RECLAIM: Final = "PT_RECLAIM"

MMU_GATHER: Final = "mm/mmu_gather.c"
ARCH_KCONFIG: Final = "arch/Kconfig"
MM_KCONFIG: Final = "mm/Kconfig"


def under(symbol: str, read: Read, file: str) -> Guard:
    """The #ifdef of a symbol."""
    return Guard(on=(symbol,), source=read(file, f"#ifdef CONFIG_{symbol}"))


def without(symbol: str, read: Read, file: str) -> Guard:
    """The #else of it."""
    return Guard(off=(symbol,), source=read(file, f"#else /* !CONFIG_{symbol} */"))


def freeing(symbol: str, read: Read, unit: str) -> tuple[Entry, ...]:
    """The functions that batch tables and free them, where `symbol` is on."""
    on = under(symbol, read, unit)
    return (
        Use("__tlb_remove_table", "tlb_remove_table_one", on, read(unit, "__tlb_remove_table(table)")),
        Use("__tlb_remove_table", "tlb_remove_table_rcu", on, read(unit, "__tlb_remove_table(batch->tables[i])")),
        Provide("tlb_remove_table", Kind.BODY, on, read(unit, "void tlb_remove_table")),
        Use("struct mmu_table_batch", "tlb_remove_table", on, read(unit, "mmu_table_batch")),
        Use("mmu_gather.batch", "tlb_remove_table", on, read(unit, "&tlb->batch")),
        Use("MAX_TABLE_BATCH", "tlb_remove_table", on, read(unit, "MAX_TABLE_BATCH")),
    )


def batch(symbol: str, read: Read) -> tuple[Entry, ...]:
    """What the header declares of a batch, where `symbol` is on; and how the generic code comes to a table."""
    on = under(symbol, read, TLB)
    own_pte_free = Guard(off=("S390",), source=read(TLB, "#ifndef pte_free_tlb"))
    return (
        Provide("struct mmu_table_batch", Kind.DATA, on, read(TLB, "struct mmu_table_batch")),
        Provide("MAX_TABLE_BATCH", Kind.DATA, on, read(TLB, "#define MAX_TABLE_BATCH")),
        Provide("tlb_remove_table", Kind.EXTERN, on, read(TLB, "extern void tlb_remove_table")),
        Provide("mmu_gather.batch", Kind.DATA, on, read(TLB, "*batch;")),
        Provide("tlb_remove_page", Kind.INLINE, ALWAYS, read(TLB, "tlb_remove_page(")),
        Provide("pte_free_tlb", Kind.INLINE, own_pte_free, read(TLB, "#define pte_free_tlb")),
        Use("__pte_free_tlb", "pte_free_tlb", own_pte_free, read(TLB, "__pte_free_tlb(")),
    )


def zapping(read: Read) -> tuple[Entry, ...]:
    """The step of mm/memory.c that leads to a table."""
    return (Use("pte_free_tlb", "free_pte_range", ALWAYS, read(MEMORY, "pte_free_tlb(")),)


def invalidating(read: Read) -> tuple[Entry, ...]:
    """Since v5.6: whether tables are invalidated is asked of the arch, which may say so only where it selects RCU."""
    rcu, no_rcu = under(RCU, read, TLB), without(RCU, read, TLB)
    return (
        Provide("tlb_needs_table_invalidate", Kind.DEFAULT, rcu, read(TLB, "#define tlb_needs_table_invalidate()")),
        Refuse("tlb_needs_table_invalidate", f"CONFIG_{RCU}", no_rcu, read(TLB, "#error tlb_needs_table_invalidate()")),
    )


def otherwise(era: str, read: Read) -> tuple[Entry, ...]:
    """tlb_remove_table() where no table is batched: a macro; since v6.14 a function."""
    off = without(TABLE, read, TLB)
    kind, phrase = (Kind.INLINE, "inline void") if era == "v7.0" else (Kind.ALIAS, "#define")
    return (
        Provide("tlb_remove_table", kind, off, read(TLB, f"{phrase} tlb_remove_table(")),
        Use("tlb_remove_page", "tlb_remove_table", off, read(TLB, "tlb_remove_page(")),
    )


def synchronising(read: Read) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Since v6.1: who keeps a table can wait for its walkers; in the header, and in the unit."""
    rcu, no_rcu = under(RCU, read, TLB), without(RCU, read, TLB)
    name = "tlb_remove_table_sync_one"
    return (
        (
            Provide(name, Kind.EXTERN, rcu, read(TLB, f"void {name}")),
            Provide(name, Kind.INLINE, no_rcu, read(TLB, f"inline void {name}")),
        ),
        (Provide(name, Kind.BODY, under(RCU, read, MMU_GATHER), read(MMU_GATHER, f"void {name}")),),
    )


def options(era: str, read: Read) -> tuple[Option, ...]:
    """The symbols of the generic Kconfig files."""
    found = (
        Option(RCU, read(ARCH_KCONFIG, f"select {TABLE}"), selects=(TABLE,)),
        Option(NO_GATHER, read(ARCH_KCONFIG, f"depends on {TABLE}"), depends=Guard(on=(TABLE,))),
    )
    if era != "v7.0":
        return found
    phrase = f"depends on {RCU} && !{OWN}"
    return (*found, Option(PT_RECLAIM, read(MM_KCONFIG, phrase), depends=Guard(on=(RCU,), off=(OWN,)), default=True))


def generic(era: str, /) -> Tree:
    """The generic half of an era after v3.0, without an arch."""
    read = READ[era]
    if era == "v4.19":
        return Tree(
            files=(
                File(TLB, Side.GENERIC, None, batch(HAVE, read)),
                File(MEMORY, Side.GENERIC, ALWAYS, (*freeing(HAVE, read, MEMORY), *zapping(read))),
            ),
            reports=(),
            implicit_call_refused=TREE.implicit_call_refused,
        )
    header = (*batch(TABLE, read), *invalidating(read), *otherwise(era, read))
    on = under(TABLE, read, MMU_GATHER)
    asked = read(MMU_GATHER, "tlb_needs_table_invalidate()")
    unit: tuple[Entry, ...] = (
        *freeing(TABLE, read, MMU_GATHER),
        Use("tlb_needs_table_invalidate", "tlb_table_invalidate", on, asked),
    )
    if era != "v5.7":
        declared, defined = synchronising(read)
        header, unit = header + declared, unit + defined
    if era == "v7.0":
        by_page = Guard(on=(TABLE,), off=(OWN,), source=read(TLB, f"#ifndef CONFIG_{OWN}"))
        own = Provide("__tlb_remove_table", Kind.INLINE, by_page, read(TLB, "inline void __tlb_remove_table"))
        header = (*header, own)
    return Tree(
        files=(
            File(TLB, Side.GENERIC, None, header),
            File(MMU_GATHER, Side.GENERIC, ALWAYS, unit),
            File(MEMORY, Side.GENERIC, ALWAYS, zapping(read)),
        ),
        reports=(),
        implicit_call_refused=TREE.implicit_call_refused,
        options=options(era, read),
    )
