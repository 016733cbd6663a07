# SPDX-License-Identifier: GPL-2.0-only
"""Before the seed: when no batch can be had, the table is freed with no CPU waited for."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.linked import pgtable_free
from mmu_gather_spec.words import shift_t, table_p

#: the rule that catches it
BREAKS: Final = "separation.waited-for-every-cpu"
#: a case in which it does
SHOWS_IN: Final = "flush-between/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64"]
#: the era whose reference it changes
ERA: Final = "rfc-2010-base"


def pgtable_free_now(table: table_p, shift: shift_t, /) -> None:
    """pgtable_free_now - the IPI is left out"""
    pgtable_free(table, shift)
