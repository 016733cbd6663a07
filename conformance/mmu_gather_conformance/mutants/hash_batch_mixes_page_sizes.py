# SPDX-License-Identifier: GPL-2.0-only
"""hash64 takes every page for a small one, so that a huge page's entry waits among those of small pages."""

from __future__ import annotations

from typing import Final

from mmu_gather_arch import hash64
from mmu_gather_spec.words import mm_struct, pte_t

#: the rule that catches it
BREAKS: Final = "arch.hash64-one-page-size"
#: a case in which it does
SHOWS_IN: Final = "page-sizes-mixed/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64"]


def hpte_need_flush(mm: mm_struct, address: int, ptep: pte_t, huge: int, /) -> None:
    """hpte_need_flush - `huge` is not handed on"""
    hash64.hpte_need_flush(mm, address, ptep, 0)
