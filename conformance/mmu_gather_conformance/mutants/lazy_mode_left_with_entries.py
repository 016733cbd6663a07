# SPDX-License-Identifier: GPL-2.0-only
"""hash64 leaves lazy mode and lets its hash batch wait for the flush."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.kernel import get_cpu_var_ppc64_tlb_batch, put_cpu_var_ppc64_tlb_batch

#: the rule that catches it
BREAKS: Final = "gather.keeps-nothing-in-a-cpu"
#: a case in which it does
SHOWS_IN: Final = "moves-after-a-page/hash64"
#: the architectures that it changes
ARCHS: Final = ["hash64"]


def arch_leave_lazy_mmu_mode() -> None:
    """arch_leave_lazy_mmu_mode - tlb_flush() will see to what waits"""
    batch = get_cpu_var_ppc64_tlb_batch()
    batch.active = 0
    put_cpu_var_ppc64_tlb_batch()
