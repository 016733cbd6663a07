# SPDX-License-Identifier: GPL-2.0-only
"""sparc64 drops what waits from the TLBs, and leaves it in the TSB."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel_archs import (
    get_cpu_var_tlb_batch,
    put_cpu_var_tlb_batch,
    smp_flush_tlb_page,
)

#: the rule that catches it
BREAKS: Final = "arch.sparc64-batch-drops"
#: a case in which it does
SHOWS_IN: Final = "one-page/sparc64"
#: the architectures that it changes
ARCHS: Final = ["sparc64"]
#: the era whose reference it changes
ERA: Final = "v6.12"


def flush_tlb_pending() -> None:
    """flush_tlb_pending - TLBs are filled from the TSB again at the next miss"""
    tb = get_cpu_var_tlb_batch()
    for vaddr in tb.vaddrs:
        assert tb.mm is not None
        smp_flush_tlb_page(tb.mm, vaddr)
    tb.tlb_nr = 0
    tb.vaddrs.clear()
    put_cpu_var_tlb_batch()
