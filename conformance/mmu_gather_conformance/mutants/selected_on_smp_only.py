# SPDX-License-Identifier: GPL-2.0-only
"""v5.7: powerpc asks for the batching on SMP only, as until then, and gives tables to it on UP as well."""

from __future__ import annotations

from typing import Final

#: the rule that catches it
BREAKS: Final = "configuration.selected-where-used"
#: a case in which it does
SHOWS_IN: Final = "builds/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash32", "hash64", "nohash", "radix"]
#: the era whose reference it changes
ERA: Final = "v5.7"
#: the select line that it has in the place of the era's
SELECT: Final = "select MMU_GATHER_RCU_TABLE_FREE if SMP"
