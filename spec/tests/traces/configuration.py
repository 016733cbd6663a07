# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Builds and links: what was selected is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from mmu_gather_spec.events import Built

from traces.alphabet import BOOT, Case, enter

BUILDS: Final = "configuration.selected-where-used"
PROVIDES: Final = "configuration.provides-remove-table"

LINE: Final = "select HAVE_RCU_TABLE_FREE if PPC64"
GATHER: Final = enter("tlb_gather_mmu", "tlb", "mm", 0)

CASES: Final = (
    Case(BUILDS, "it builds", (Built(0, "a", "PPC64 SMP", LINE, "builds", ""),)),
    Case(
        BUILDS,
        "a name is missing",
        (Built(0, "a", "PPC32 SMP", LINE, "link failure", "tlb_remove_table"),),
        f"PPC32 SMP with `{LINE}`: link failure, tlb_remove_table is missing",
        "S10",
    ),
    Case(PROVIDES, "the function is linked", (GATHER,)),
    Case(
        PROVIDES,
        "the function is missing",
        (GATHER,),
        "tables are batched, and __tlb_remove_table() is not provided",
        boot=replace(BOOT, provides=frozenset({"tlb_flush"})),
    ),
)
