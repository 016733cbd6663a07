# SPDX-License-Identifier: GPL-2.0-only
"""sparc64's tlb_flush() leaves what waits where it is."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.words import mmu_gather

#: the rule that catches it
BREAKS: Final = "arch.sparc64-flush"
#: a case in which it does
SHOWS_IN: Final = "hash-batch-waits/sparc64"
#: the architectures that it changes
ARCHS: Final = ["sparc64"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def tlb_flush(tlb: mmu_gather, /) -> None:
    """tlb_flush - lazy mode is over, so nothing can wait"""
