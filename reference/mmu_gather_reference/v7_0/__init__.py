# SPDX-License-Identifier: GPL-2.0-only
"""Linux 7.0: the single table is freed by RCU, too: every way of freeing is a real grace period.

Read `mmu_gather` beside mm/mmu_gather.c, and `asm_generic_tlb` beside include/asm-generic/tlb.h, of v7.0.
Its text was not at hand: what is here was put together from v6.12 and from the commits since.
Left out is what the model has no part for: huge entries, cond_resched(), and checks
that only a debugging kernel makes.
"""
