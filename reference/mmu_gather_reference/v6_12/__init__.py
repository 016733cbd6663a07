# SPDX-License-Identifier: GPL-2.0-only
"""Linux 6.12: the table batch as ever; page slots are encoded, and an rmap may wait for the flush.

Read `mmu_gather` beside mm/mmu_gather.c, and `asm_generic_tlb` beside include/asm-generic/tlb.h, of linux-source-6.12:
its stable series lets shared PMD tables be left through a gather, which the release did not.
Left out is what the model has no part for: huge entries, cond_resched(), and checks
that only a debugging kernel makes.
"""
