# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""How much an entry of an upper level maps, by the kernel's names.  They follow from the size of a page.

A page of tables holds a page of words, so that each level adds as many address bits as a word's index in a page has.
Of a machine with tiny pages the largest power of two counts that divides its page.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import BITS_PER_LONG, PAGE_SIZE


def PMD_SIZE() -> int:
    """What one entry of a PMD table maps, in bytes; a huge page has this size.  instant; any context."""
    return 1 << (_page_shift() + _level_bits())


def PUD_SIZE() -> int:
    """What one PMD table maps, in bytes.  instant; any context."""
    return 1 << (_page_shift() + 2 * _level_bits())


def _page_shift() -> int:
    return (PAGE_SIZE() & -PAGE_SIZE()).bit_length() - 1


def _level_bits() -> int:
    return _page_shift() - (BITS_PER_LONG() // 8).bit_length() + 1
