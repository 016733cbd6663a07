# SPDX-License-Identifier: GPL-2.0-only
"""What differs between architectures: one file each, named after what it mirrors.

`halves()` says which files make up the arch half of each architecture in an era, on SMP and on UP,
as the Makefile and the #ifdefs say it for a kernel.  Later files override earlier ones.
Nothing here knows the rules, or which generic half it is linked with.
"""

from __future__ import annotations

from typing import Final, TypeAlias

#: (arch, CONFIG_SMP) -> the modules of its arch half, by name.
Halves: TypeAlias = dict[tuple[str, bool], tuple[str, ...]]

#: Until v4.19: a table takes its shift along on SMP, and is freed at once on UP.
HALVES: Final[Halves] = {
    ("hash32", True): ("hash32", "pgalloc_32", "pgalloc"),
    ("hash32", False): ("hash32", "pgalloc_32", "pgalloc_up"),
    ("hash64", True): ("hash64", "pgalloc_64", "pgalloc"),
    ("hash64", False): ("hash64", "pgalloc_64", "pgalloc_up"),
    ("nohash", True): ("nohash", "pgalloc_64", "pgalloc"),
    ("nohash", False): ("nohash", "pgalloc_64", "pgalloc_up"),
    ("nohash32", True): ("nohash", "pgalloc_32", "pgalloc"),
    ("nohash32", False): ("nohash", "pgalloc_32", "pgalloc_up"),
    ("hardware-walker", True): ("hardware_walker", "pgalloc_64", "pgalloc"),
    ("hardware-walker", False): ("hardware_walker", "pgalloc_64", "pgalloc_up"),
    ("ipi", True): ("ipi",),
    ("ipi", False): ("ipi",),
}


def _both(arch: str, *modules: str) -> Halves:
    """An arch that is the same on SMP and on UP."""
    return {(arch, True): modules, (arch, False): modules}


#: The 64-bit Book3S since v4.18: fragments, and words that say the kind of a table.
BOOK3S_64: Final = ("pgtable_frag", "pgtable_book3s64", "hugepd")
#: v4.19: with those that came later.
V4_19: Final[Halves] = {
    **HALVES,
    ("hash64", True): ("hash64", *BOOK3S_64),
    ("hash64", False): ("hash64", *BOOK3S_64, "pgtable_book3s64_up"),
    **_both("radix", *BOOK3S_64, "radix_4_19"),
    **_both("x86", "x86", "table_page"),
    **_both("sparc64", "sparc64"),
}

#: Since v5.7: PTE tables are fragments of pages, and are batched on UP as well.
FRAGMENTS: Final[Halves] = {
    **_both("hash32", "hash32", "tlb_hash", "pgtable_frag", "pgalloc_frag"),
    **_both("hash64", "hash64", "tlb_hash", *BOOK3S_64),
    **_both("nohash", "nohash", "tlb_hash", "pgtable_frag", "pgalloc_frag"),
    **_both("nohash32", "nohash", "tlb_hash", "pgtable_frag", "pgalloc_frag"),
    **_both("hardware-walker", "hardware_walker", "pgtable_frag", "pgalloc_frag"),
    **_both("ipi", "ipi"),
    **_both("radix", "radix", *BOOK3S_64),
    **_both("x86", "x86", "table_page"),
    **_both("arm64", "arm64", "table_page"),
    **_both("sparc64", "sparc64"),
    **_both("s390", "s390", "s390_frag"),
}
#: v5.7: nothing is done around a VMA where an arch has ranges grow over several.
V5_7: Final[Halves] = {
    key: (*modules, "tlb_vma") if key[0] not in ("arm64", "ipi", "hardware-walker") else modules
    for key, modules in FRAGMENTS.items()
}
#: v6.1: arm64 looks at whether shared tables were left, since its stable series took that over.
UNSHARING: Final[Halves] = {**FRAGMENTS, **_both("arm64", "arm64", "arm64_unshare", "table_page")}
#: Since v6.12: s390's PTE tables have a page each, and there are no directories of huge pages.
PTDESC: Final[Halves] = {
    **{key: tuple(name for name in modules if name != "hugepd") for key, modules in UNSHARING.items()},
    **_both("s390", "s390", "s390_ptdesc"),
}
#: Since v6.14: the destructor runs where a table is freed at last, and a ptdesc has an rcu_head.  Since v6.15:
#: sparc64's lazy mode holds preemption off.  In v7.0 arm64 does not look at whether a table was left (S21).
RECLAIM: Final[Halves] = {
    **PTDESC,
    **_both("x86", "x86", "table_ptdesc"),
    **_both("arm64", "arm64", "table_ptdesc"),
    **_both("sparc64", "sparc64", "sparc64_lazy"),
    **_both("s390", "s390", "s390_ptdesc", "s390_reclaim"),
}

#: Era -> its table, where that is not the seed's.
LATER: Final[dict[str, Halves]] = {
    "v4.19": V4_19,
    "v5.7": V5_7,
    "v6.1": UNSHARING,
    "v6.12": PTDESC,
    "v7.0": RECLAIM,
}


def halves(era: str, /) -> Halves:
    """The arch halves of an era."""
    return LATER.get(era, HALVES)
