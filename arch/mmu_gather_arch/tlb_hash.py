# SPDX-License-Identifier: GPL-2.0-only
"""arch/powerpc/include/asm/tlb.h and Kconfig since v5.7, on a machine without radix.

Hardware does not read the Linux tables here (and on nohash what it reads of them is invalidated before a PTE table is
queued), so generic code may leave out the flush before it hands a batch over.
"""

from __future__ import annotations

from typing import Final

#: Entries of one page size are flushed together.
CONFIG_MMU_GATHER_PAGE_SIZE: Final = 1
#: A range may grow over several VMAs.
CONFIG_MMU_GATHER_MERGE_VMAS: Final = 1


def radix_enabled() -> bool:
    """radix_enabled - not on this machine"""
    return False


def tlb_needs_table_invalidate() -> bool:
    """tlb_needs_table_invalidate - only radix reads the Linux tables by hardware"""
    return radix_enabled()
