/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tlb.h - of a kernel that is none: as much of the interface of 6.1 as a build needs
 *
 * Written for the tests of the path that a real tree takes. Its gather knows no batch: whatever is removed is
 * flushed for and freed at once, so that it keeps the law of that path and agrees with no reference.
 */
#ifndef TOY_ASM_GENERIC_TLB_H
#define TOY_ASM_GENERIC_TLB_H

#include <linux/toy_types.h>
#include <asm/tlbflush.h>

struct mmu_gather {
	struct mm_struct *mm;
	unsigned long start;
	unsigned long end;
	unsigned int fullmm;
	unsigned int need_flush_all;
	unsigned int freed_tables;
	unsigned int cleared_ptes;
	unsigned int cleared_pmds;
	unsigned int cleared_puds;
	unsigned int cleared_p4ds;
};

void tlb_flush_mmu(struct mmu_gather *tlb);
bool __tlb_remove_page_size(struct mmu_gather *tlb, struct page *page, int page_size);
void tlb_remove_table_sync_one(void);

static inline void __tlb_adjust_range(struct mmu_gather *tlb, unsigned long address, unsigned int size)
{
	tlb->end = address + size;
}

static inline void tlb_flush_mmu_tlbonly(struct mmu_gather *tlb)
{
	if (tlb->end)
		tlb_flush(tlb);
	tlb->end = 0;
}

#ifdef CONFIG_MMU_GATHER_TABLE_FREE
void tlb_remove_table(struct mmu_gather *tlb, void *table);
#else
#define tlb_remove_table(tlb, page) tlb_remove_page(tlb, page)
#endif

#define __tlb_remove_page(tlb, page) __tlb_remove_page_size(tlb, page, PAGE_SIZE)
#define tlb_remove_page_size(tlb, page, size) ((void)__tlb_remove_page_size(tlb, page, size))
#define tlb_remove_page(tlb, page) tlb_remove_page_size(tlb, page, PAGE_SIZE)
#define tlb_start_vma(tlb, vma) ((void)(tlb), (void)(vma))
#define tlb_end_vma(tlb, vma) ((void)(vma), tlb_flush_mmu_tlbonly(tlb))
#define tlb_change_page_size(tlb, size) ((void)(tlb), (void)(size))

#define tlb_remove_tlb_entry(tlb, ptep, address)		\
	do {							\
		(tlb)->end = (address) + PAGE_SIZE;		\
		__tlb_remove_tlb_entry(tlb, ptep, address);	\
	} while (0)
#define pte_free_tlb(tlb, ptep, address)			\
	do {							\
		(tlb)->end = (address) + PAGE_SIZE;		\
		__pte_free_tlb(tlb, ptep, address);		\
	} while (0)
#define pmd_free_tlb(tlb, pmdp, address)			\
	do {							\
		(tlb)->end = (address) + PAGE_SIZE;		\
		__pmd_free_tlb(tlb, pmdp, address);		\
	} while (0)

#endif /* TOY_ASM_GENERIC_TLB_H */
