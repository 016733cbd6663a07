# SPDX-License-Identifier: GPL-2.0-only
"""When no batch can be had, the table is freed without interrupting the other CPUs."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.linked import __tlb_remove_table
from mmu_gather_spec.words import pgf_p

#: the rule that catches it
BREAKS: Final = "separation.waited-for-every-cpu"
#: a case in which it does
SHOWS_IN: Final = "flush-between/hash64"


def tlb_remove_table_one(table: pgf_p, /) -> None:
    """tlb_remove_table_one - the IPI is left out"""
    __tlb_remove_table(table)
