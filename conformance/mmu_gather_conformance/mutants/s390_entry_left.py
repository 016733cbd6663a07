# SPDX-License-Identifier: GPL-2.0-only
"""s390: an entry is cleared without IPTE."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.words import mm_struct

#: the rule that catches it
BREAKS: Final = "arch.s390-entry-goes-when-cleared"
#: a case in which it does
SHOWS_IN: Final = "one-page/s390"
#: the architectures that it changes
ARCHS: Final = ["s390"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def ptep_get_and_clear_full(mm: mm_struct, addr: int, full: int, /) -> None:
    """ptep_get_and_clear_full - the translation stays, whoever runs the mm"""
