/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * asm/tlb.h - what an architecture says to asm-generic/tlb.h before it is read
 *
 * tlb_flush, tlb_needs_table_invalidate, __tlb_remove_table and the other names of the arch half are macros by
 * now, of mmu_gather.h: calls through the link, to whatever arch half the suite has linked. So the generic header
 * brings none of its own.
 */
#ifndef MMU_GATHER_SHIM_ASM_TLB_H
#define MMU_GATHER_SHIM_ASM_TLB_H

/* Without RCU a table is a page, and asking is an error. */
#ifndef CONFIG_MMU_GATHER_RCU_TABLE_FREE
#undef tlb_needs_table_invalidate
#endif

/* Who gathers no pages delays nothing for them, either. */
#ifdef CONFIG_MMU_GATHER_NO_GATHER
#define tlb_delay_rmap(tlb) ((void)(tlb), false)
#define tlb_flush_rmaps(tlb, vma) ((void)(tlb), (void)(vma))
#endif

#include <asm-generic/tlb.h>

#endif /* MMU_GATHER_SHIM_ASM_TLB_H */
