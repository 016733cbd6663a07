# SPDX-License-Identifier: GPL-2.0-only
"""Linux 5.7: the gather knows what was cleared, and an arch says whether its hardware reads the tables.

Read `mmu_gather` beside mm/mmu_gather.c, and `asm_generic_tlb` beside include/asm-generic/tlb.h, of v5.7.
Its text was not at hand: what is here was put together from the commits that lead to it and from v6.1.
Left out is what the model has no part for: unsharing of hugetlb tables, huge entries, cond_resched(), the call of
the notifiers in tlb_flush_mmu_tlbonly(), and checks that only a debugging kernel makes.
"""
