/* SPDX-License-Identifier: GPL-2.0-only */
/* mmu_gather.c - of a kernel that is none; see include/asm-generic/tlb.h beside it. */
#include <linux/smp.h>
#include <asm/tlb.h>

static void toy_begin(struct mmu_gather *tlb, struct mm_struct *mm, bool fullmm)
{
	*tlb = (struct mmu_gather){ .mm = mm, .fullmm = fullmm };
	inc_tlb_flush_pending(mm);
}

void tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm)
{
	toy_begin(tlb, mm, false);
}

void tlb_gather_mmu_fullmm(struct mmu_gather *tlb, struct mm_struct *mm)
{
	toy_begin(tlb, mm, true);
}

void tlb_flush_mmu(struct mmu_gather *tlb)
{
	tlb_flush_mmu_tlbonly(tlb);
}

void tlb_finish_mmu(struct mmu_gather *tlb)
{
	tlb_flush_mmu(tlb);
	dec_tlb_flush_pending(tlb->mm);
}

bool __tlb_remove_page_size(struct mmu_gather *tlb, struct page *page, int page_size)
{
	(void)page_size;
	tlb_flush_mmu(tlb);
	free_pages_and_swap_cache(&page, 1);
	return false;
}

static void toy_sync(void *unused)
{
	(void)unused;
}

void tlb_remove_table_sync_one(void)
{
	smp_call_function(toy_sync, NULL, 1);
}

#ifdef CONFIG_MMU_GATHER_TABLE_FREE
void tlb_remove_table(struct mmu_gather *tlb, void *table)
{
	tlb_flush_mmu(tlb);
	tlb_remove_table_sync_one();
	__tlb_remove_table(table);
}
#endif
