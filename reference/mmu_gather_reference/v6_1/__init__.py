# SPDX-License-Identifier: GPL-2.0-only
"""Linux 6.1: every table is batched or freed after an IPI, invalidated first where hardware reads it.

Read `mmu_gather` beside mm/mmu_gather.c, and `asm_generic_tlb` beside include/asm-generic/tlb.h, of linux-source-6.1:
its stable series lets shared PMD tables be left through a gather, which the release did not.
Left out is what the model has no part for: huge entries, cond_resched(), the call of
the notifiers in tlb_flush_mmu_tlbonly(), and checks that only a debugging kernel makes.
"""
