# SPDX-License-Identifier: GPL-2.0-only
"""What differs between architectures: one file each, named after what it mirrors.

`HALVES` says which files make up the arch half of each architecture, on SMP and on UP,
as the Makefile and the #ifdefs say it for a kernel.  Later files override earlier ones.
Nothing here knows the rules, or which generic half it is linked with.
"""

from __future__ import annotations

from typing import Final

#: (arch, CONFIG_SMP) -> the modules of its arch half, by name.
HALVES: Final[dict[tuple[str, bool], tuple[str, ...]]] = {
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
