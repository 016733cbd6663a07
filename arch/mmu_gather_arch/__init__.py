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


#: Since v5.7: PTE tables are fragments of pages, and are batched on UP as well.
FRAGMENTS: Final[Halves] = {
    **_both("hash32", "hash32", "tlb_hash", "pgtable_frag", "pgalloc_frag"),
    **_both("hash64", "hash64", "tlb_hash", "pgtable_frag", "pgalloc_frag"),
    **_both("nohash", "nohash", "tlb_hash", "pgtable_frag", "pgalloc_frag"),
    **_both("nohash32", "nohash", "tlb_hash", "pgtable_frag", "pgalloc_frag"),
    **_both("hardware-walker", "hardware_walker", "pgtable_frag", "pgalloc_frag"),
    **_both("ipi", "ipi"),
}

#: Era -> its table, where that is not the seed's.
LATER: Final[dict[str, Halves]] = {"v6.1": FRAGMENTS, "v6.12": FRAGMENTS}


def halves(era: str, /) -> Halves:
    """The arch halves of an era."""
    return LATER.get(era, HALVES)
