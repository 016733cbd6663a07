# SPDX-License-Identifier: GPL-2.0-only
"""The batch takes one table more than its page holds."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import BITS_PER_LONG, PAGE_SIZE

#: the rule that catches it
BREAKS: Final = "batch.fits-a-page"
#: a case in which it does
SHOWS_IN: Final = "mixed-levels/hash64/small"


def MAX_TABLE_BATCH() -> int:
    """MAX_TABLE_BATCH - off by one"""
    return (PAGE_SIZE() - 3 * BITS_PER_LONG() // 8) // (BITS_PER_LONG() // 8) + 1
