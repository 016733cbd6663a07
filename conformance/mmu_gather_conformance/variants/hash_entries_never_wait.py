# SPDX-License-Identifier: GPL-2.0-only
"""hash64 drops each hash entry at once, in lazy mode, too: the batch is a liberty."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import flush_hash_page
from mmu_gather_spec.words import mm_struct, pte_t

#: the architectures that it changes
ARCHS: Final = ["hash64"]


def hpte_need_flush(mm: mm_struct, address: int, ptep: pte_t, huge: int, /) -> None:
    """hpte_need_flush - now, and on every CPU"""
    flush_hash_page(mm.context_id, address, 0)
