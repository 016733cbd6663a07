# SPDX-License-Identifier: GPL-2.0-only
"""v7.0: a batch is freed after an IPI, which readers with IRQs on answer."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v7_0.mmu_gather import __tlb_remove_table_free, tlb_remove_table_sync_one
from mmu_gather_reference.v7_0.mmu_table_batch import mmu_table_batch

#: the rule that catches it
BREAKS: Final = "walk.reader-never-a-freed-table"
#: a case in which it does
SHOWS_IN: Final = "reader-protected/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64"]
#: the era whose reference it changes
ERA: Final = "v7.0"


def tlb_remove_table_free(batch: mmu_table_batch, /) -> None:
    """tlb_remove_table_free - no grace period"""
    tlb_remove_table_sync_one()
    __tlb_remove_table_free(batch)
