# SPDX-License-Identifier: GPL-2.0-only
"""64-bit Book3S: a PMD table is queued with its size, as it was before."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.linked import PMD_INDEX_SIZE, pgtable_free_tlb
from mmu_gather_spec.words import mmu_gather, shift_t, table_p

#: the rule that catches it
BREAKS: Final = "encoding.index-names-its-freer"
#: a case in which it does
SHOWS_IN: Final = "one-pmd-table/hash64/small"
#: the architectures that it changes
ARCHS: Final = ["hash64"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def __pmd_free_tlb(tlb: mmu_gather, pmd: table_p, address: int, /) -> None:
    """__pmd_free_tlb - the word says how large it is"""
    pgtable_free_tlb(tlb, pmd, shift_t(PMD_INDEX_SIZE()))
