# SPDX-License-Identifier: GPL-2.0-only
"""v7.0: the single table is freed after an IPI, as it was until then."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.v7_0.mmu_gather import tlb_remove_table_sync_one

#: the rule that catches it
BREAKS: Final = "separation.fallback-is-a-grace-period"
#: a case in which it does
SHOWS_IN: Final = "no-memory-at-all/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64"]
#: the era whose reference it changes
ERA: Final = "v7.0"


def tlb_remove_table_sync_rcu() -> None:
    """tlb_remove_table_sync_rcu - no grace period"""
    tlb_remove_table_sync_one()
