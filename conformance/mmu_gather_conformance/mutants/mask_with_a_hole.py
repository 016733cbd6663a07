# SPDX-License-Identifier: GPL-2.0-only
"""MAX_PGTABLE_INDEX_SIZE is the largest index and no more, though it is used as a mask as well."""

from __future__ import annotations

from typing import Final

#: the rule that catches it
BREAKS: Final = "encoding.mask-of-ones"
#: a case in which it does
SHOWS_IN: Final = "one-table/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64", "nohash"]

#: the largest index that is in use is even
MAX_PGTABLE_INDEX_SIZE: Final = 0xE
