# SPDX-License-Identifier: GPL-2.0-only
"""Linux 4.19: no shortcut below two users any more; where an arch asks for it, tables are invalidated before they go.

Read `memory` beside mm/memory.c, and `asm_generic_tlb` beside include/asm-generic/tlb.h, of v4.19.
Its text was not at hand: what is here was put together from the commits of August 2018 and from their neighbours.
Left out is what the model has no part for: huge entries, cond_resched(), the call of the notifiers in
tlb_flush_mmu_tlbonly(), and checks that only a debugging kernel makes.
"""
