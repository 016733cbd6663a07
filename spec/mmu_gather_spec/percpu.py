# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The per-CPU variables of this mechanism: the batches of flushes that wait, hash64's and sparc64's.

They belong to the kernel, not to a port: a context switch flushes them, too, and a port
may hold one only between `get_cpu_var` and `put_cpu_var`, or where preemption is off anyway.

source: arch/powerpc/include/asm/tlbflush.h of 2.6.37, `struct ppc64_tlb_batch`;
arch/sparc/include/asm/tlbflush_64.h (6.12), `struct tlb_batch`.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.record import field, record
from mmu_gather_spec.words import mm_struct

#: How many entries one CPU's batch holds.
PPC64_TLB_BATCH_NR: Final = 192


@record(slots=True)
class ppc64_tlb_batch:
    """Hash entries that wait to be flushed, all of one context and one page size."""

    #: invariant: entries are added only while this is set (between enter and leave of lazy mode)
    active: int = 0
    #: invariant: index <= PPC64_TLB_BATCH_NR, and 0 outside lazy mode
    index: int = 0
    #: the address space that all pending entries belong to; undefined while index is 0
    mm: mm_struct | None = None
    #: the page size that all pending entries have, as a shift
    psize: int = 0
    vaddr: list[int] = field(default_factory=list)


#: How many entries one CPU's batch holds on sparc64.
TLB_BATCH_NR: Final = 192


@record(slots=True)
class tlb_batch:
    """Translations that wait to be flushed, all of one mm and one page size."""

    #: the page size that all pending entries have, as a shift
    hugepage_shift: int = 0
    #: the address space that all pending entries belong to; undefined while tlb_nr is 0
    mm: mm_struct | None = None
    #: invariant: tlb_nr <= TLB_BATCH_NR, and 0 outside lazy mode
    tlb_nr: int = 0
    #: invariant: entries are added only while this is set (between enter and leave of lazy mode)
    active: int = 0
    vaddrs: list[int] = field(default_factory=list)
