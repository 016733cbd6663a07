# SPDX-License-Identifier: GPL-2.0-only
"""Before the seed: without a batch a whole grace period is waited for."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import synchronize_sched
from mmu_gather_spec.linked import pgtable_free
from mmu_gather_spec.words import shift_t, table_p

#: the era whose reference it changes
ERA: Final = "rfc-2010-base"


def pgtable_free_now(table: table_p, shift: shift_t, /) -> None:
    """pgtable_free_now - synchronize_sched instead of the IPI"""
    synchronize_sched()
    pgtable_free(table, shift)
