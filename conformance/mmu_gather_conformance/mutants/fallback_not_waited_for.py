# SPDX-License-Identifier: GPL-2.0-only
"""The fallback sends its IPI and frees the table before the others have answered."""

from __future__ import annotations

from typing import Final

from mmu_gather_reference.rfc_2010.memory import tlb_remove_table_smp_sync
from mmu_gather_spec.kernel import smp_call_function
from mmu_gather_spec.linked import __tlb_remove_table
from mmu_gather_spec.words import pgf_p

#: the rule that catches it
BREAKS: Final = "separation.every-ack"
#: a case in which it does
SHOWS_IN: Final = "flush-between/hash64"


def tlb_remove_table_one(table: pgf_p, /) -> None:
    """tlb_remove_table_one - wait is 0"""
    smp_call_function(tlb_remove_table_smp_sync, None, 0)
    __tlb_remove_table(table)
