/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hostile.c - libraries that break in ways no rule is about, chosen by a macro
 *
 * SEGFAULT, ABORT, SPIN, LOOP (with services), CHATTER, LEAVES (exits), DEAF (goes on after a BUG, past the header's
 * wrappers), BABBLES (with 32 bits: where messages are expected), PAST_GATHER and PAST_PAGE (write one byte too many),
 * AFTER_FREE, REFUSES (the ABI), HALF (leaves functions out).  The suite has to name what happened, and to go on.
 */
#include <stdio.h>
#include <stdlib.h>

#include "mmu_gather.h"

struct mmu_gather {
	struct mm_struct *mm;
};

static void misbehave(struct mmu_gather *tlb)
{
	(void)tlb;
#if defined(SEGFAULT)
	*(volatile int *)8 = 1;
#elif defined(ABORT)
	abort();
#elif defined(SPIN)
	for (;;)
		;
#elif defined(LOOP)
	for (;;)
		_tlbia();
#elif defined(CHATTER)
	puts("a port that writes to its standard output");
	fflush(stdout);
#elif defined(LEAVES)
	exit(3);
#elif defined(DEAF)
	mmu_gather_env->mmu_gather_bug("not heard");
	mmu_gather_env->num_online_cpus();
#elif defined(BABBLES)
	__asm__ volatile("int $0x80" : : "a"(4), "b"(1), "c"("no messages."), "d"(12) : "memory");
#elif defined(PAST_GATHER)
	((volatile char *)(tlb + 1))[0] = 1;
#elif defined(PAST_PAGE)
	((volatile char *)__get_free_page(GFP_ATOMIC))[PAGE_SIZE] = 1;
#elif defined(AFTER_FREE)
	unsigned long page = __get_free_page(GFP_ATOMIC);

	free_page(page);
	*(volatile char *)page = 1;
#endif
}

static void (tlb_gather_mmu)(struct mmu_gather *tlb, struct mm_struct *mm, unsigned int full)
{
	(void)full;
	tlb->mm = mm;
	misbehave(tlb);
}

static void (nothing)(struct mmu_gather *tlb, unsigned long start, unsigned long end)
{
	(void)tlb;
	(void)start;
	(void)end;
}

static void (forget_page)(struct mmu_gather *tlb, struct page *page)
{
	(void)tlb;
	(void)page;
}

static void (forget_table)(struct mmu_gather *tlb, void *table)
{
	(void)tlb;
	(void)table;
}

static void (no_batch)(struct mmu_gather *tlb)
{
	(void)tlb;
}

static void (no_pte)(struct mmu_gather *tlb, struct page *page, unsigned long address)
{
	(void)tlb;
	(void)page;
	(void)address;
}

static void (no_pmd)(struct mmu_gather *tlb, void *pmdp, unsigned long address)
{
	(void)tlb;
	(void)pmdp;
	(void)address;
}

static void (no_entry)(struct mmu_gather *tlb, pte_t *ptep, unsigned long address)
{
	(void)tlb;
	(void)ptep;
	(void)address;
}

#ifdef REFUSES
const struct mmu_gather_ops *mmu_gather_get_ops(unsigned int abi);
const struct mmu_gather_ops *mmu_gather_get_ops(unsigned int abi)
{
	(void)abi;
	(void)mmu_gather_table;
	(void)tlb_gather_mmu;
	(void)nothing;
	(void)forget_page;
	(void)forget_table;
	(void)no_batch;
	(void)no_pte;
	(void)no_pmd;
	(void)no_entry;
	return NULL;
}
#else
MMU_GATHER_PORT("hostile", "1", sizeof(struct mmu_gather), NULL,
#ifndef HALF
		.tlb_remove_tlb_entry = no_entry,
		.pmd_free_tlb = no_pmd,
#endif
		.tlb_gather_mmu = tlb_gather_mmu,
		.tlb_flush_mmu = nothing,
		.tlb_finish_mmu = nothing,
		.tlb_remove_page = forget_page,
		.tlb_remove_table = forget_table,
		.tlb_table_flush = no_batch,
		.pte_free_tlb = no_pte)
#endif
