/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rfc_2010.c - the seed's design in C, written from its description
 *
 * Both halves, for every architecture of the era; which one runs, and whether with CONFIG_SMP, is told
 * by the environment.  It differs from the seed in one thing: tlb_gather_mmu() writes need_flush.
 */
#include <string.h>

#include "mmu_gather.h"

/* --- the generic half ------------------------------------------------------------- */

struct mmu_table_batch {
	struct rcu_head rcu;
	unsigned int nr;
	void *tables[];
};

#define MAX_TABLE_BATCH ((PAGE_SIZE - sizeof(struct mmu_table_batch)) / sizeof(void *))
#define LOCAL 8

struct mmu_gather {
	struct mm_struct *mm;
	unsigned int nr;	/* ~0U: fast mode */
	unsigned int max;	/* nr < max between calls */
	unsigned int need_flush;
	unsigned int fullmm;
	struct page **pages;
	struct page *local[LOCAL];
	struct mmu_table_batch *batch;
};

static int tlb_fast_mode(const struct mmu_gather *tlb)
{
	return !CONFIG_SMP || tlb->nr == ~0U;
}

static void alloc_pages(struct mmu_gather *tlb)
{
	unsigned long addr = __get_free_pages(GFP_NOWAIT | __GFP_NOWARN, 0);

	if (addr) {
		tlb->pages = (struct page **)addr;
		tlb->max = PAGE_SIZE / sizeof(struct page *);
	}
}

static inline void remove_table_sync(void *info)
{
	(void)info;
}

static void remove_table_one(void *table)
{
#ifndef WRONG_NO_IPI
	smp_call_function(remove_table_sync, NULL, 1);
#endif
	__tlb_remove_table(table);
}

static void remove_table_rcu(struct rcu_head *head)
{
	struct mmu_table_batch *batch = container_of(head, struct mmu_table_batch, rcu);
	unsigned int i;

	for (i = 0; i < batch->nr; i++)
		__tlb_remove_table(batch->tables[i]);

	free_page((unsigned long)batch);
}

static void (tlb_table_flush)(struct mmu_gather *tlb)
{
	struct mmu_table_batch *batch = tlb->batch;

	if (!batch)
		return;
	tlb->batch = NULL;
	call_rcu_sched(&batch->rcu, remove_table_rcu);
}

static void (tlb_gather_mmu)(struct mmu_gather *tlb, struct mm_struct *mm, unsigned int full_mm_flush)
{
	tlb->mm = mm;
	tlb->max = LOCAL;
	tlb->pages = tlb->local;
	tlb->need_flush = 0;
	tlb->fullmm = full_mm_flush;
	tlb->batch = NULL;

	if (num_online_cpus() > 1) {
		tlb->nr = 0;
		alloc_pages(tlb);
	} else {
		tlb->nr = ~0U;
	}
}

static void (tlb_flush_mmu)(struct mmu_gather *tlb, unsigned long start, unsigned long end)
{
	(void)start;
	(void)end;
	if (!tlb->need_flush)
		return;
	tlb->need_flush = 0;
	tlb_flush(tlb);
	(tlb_table_flush)(tlb);
	if (tlb_fast_mode(tlb))
		return;
	free_pages_and_swap_cache(tlb->pages, tlb->nr);
	tlb->nr = 0;
	if (tlb->pages == tlb->local)
		alloc_pages(tlb);
}

static void (tlb_finish_mmu)(struct mmu_gather *tlb, unsigned long start, unsigned long end)
{
	(tlb_flush_mmu)(tlb, start, end);
	if (tlb->pages != tlb->local)
		free_pages((unsigned long)tlb->pages, 0);
}

static void (tlb_remove_page)(struct mmu_gather *tlb, struct page *page)
{
	tlb->need_flush = 1;
	if (tlb_fast_mode(tlb)) {
		free_page_and_swap_cache(page);
		return;
	}
	tlb->pages[tlb->nr++] = page;
	if (tlb->nr >= tlb->max)
		(tlb_flush_mmu)(tlb, 0, 0);
}

static void (tlb_remove_table)(struct mmu_gather *tlb, void *table)
{
	tlb->need_flush = 1;

	if (atomic_read(&tlb->mm->mm_users) < 2) {
		__tlb_remove_table(table);
		return;
	}

	if (!tlb->batch) {
		tlb->batch = (struct mmu_table_batch *)__get_free_page(GFP_ATOMIC);
		if (!tlb->batch) {
			remove_table_one(table);
			return;
		}
		tlb->batch->nr = 0;
	}
	tlb->batch->tables[tlb->batch->nr++] = table;
	if (tlb->batch->nr == MAX_TABLE_BATCH)
		(tlb_table_flush)(tlb);
}

static void (pte_free_tlb)(struct mmu_gather *tlb, struct page *ptepage, unsigned long address)
{
	tlb->need_flush = 1;
	__pte_free_tlb(tlb, ptepage, address);
}

static void (pmd_free_tlb)(struct mmu_gather *tlb, void *pmdp, unsigned long address)
{
	tlb->need_flush = 1;
	__pmd_free_tlb(tlb, pmdp, address);
}

static void (tlb_remove_tlb_entry)(struct mmu_gather *tlb, pte_t *ptep, unsigned long address)
{
	tlb->need_flush = 1;
	__tlb_remove_tlb_entry(tlb, ptep, address);
}

/* --- the arch halves --------------------------------------------------------------- */

static int is(const char *arch)
{
	return strcmp(mmu_gather_env->arch, arch) == 0;
}

/* 32-bit members of a family draw every table from the page allocator. */
static unsigned long max_pgtable_index_size(void)
{
	return PMD_INDEX_SIZE || is("ipi") ? 0xf : 0;
}

#define MAX_PGTABLE_INDEX_SIZE ((int)max_pgtable_index_size())

static void pgtable_free(void *table, unsigned int index_size)
{
	if (!index_size) {
		free_page((unsigned long)table);
		return;
	}
	BUG_ON(index_size > max_pgtable_index_size());
	kmem_cache_free(PGT_CACHE(index_size), table);
}

static void (__tlb_remove_table)(void *_table)
{
	void *table = (void *)((unsigned long)_table & ~MAX_PGTABLE_INDEX_SIZE);
	unsigned int shift = (unsigned long)_table & MAX_PGTABLE_INDEX_SIZE;

	pgtable_free(table, shift);
}

static void (pgtable_free_tlb)(struct mmu_gather *tlb, void *table, int shift)
{
	if (is("ipi")) {
		tlb_remove_page(tlb, (struct page *)table);
		return;
	}
	if (!CONFIG_SMP) {
		pgtable_free(table, shift);
		return;
	}
	BUG_ON(shift > MAX_PGTABLE_INDEX_SIZE);
	tlb_remove_table(tlb, (void *)((unsigned long)table | shift));
}

/* What hardware keeps of the entry above a PTE table: Book3E's indirect entries. */
static void tlb_flush_pgtable(struct mmu_gather *tlb, unsigned long address)
{
	if (is("nohash") && PMD_INDEX_SIZE)
		_tlbivax_bcast(address, tlb->mm->context_id, 1);
}

static void (__pte_free_tlb)(struct mmu_gather *tlb, struct page *ptepage, unsigned long address)
{
	tlb_flush_pgtable(tlb, address);
	pgtable_page_dtor(ptepage);
	if (is("ipi"))
		tlb_remove_page(tlb, ptepage);
	else
		(pgtable_free_tlb)(tlb, page_address(ptepage), 0);
}

static void (__pmd_free_tlb)(struct mmu_gather *tlb, void *pmdp, unsigned long address)
{
	(void)address;
	if (is("ipi") || PMD_INDEX_SIZE)
		(pgtable_free_tlb)(tlb, pmdp, PMD_INDEX_SIZE);
}

static void (__tlb_remove_tlb_entry)(struct mmu_gather *tlb, pte_t *ptep, unsigned long address)
{
	if (is("hash32") && Hash && (pte_val(*ptep) & _PAGE_HASHPTE))
		flush_hash_pages(tlb->mm->context_id, address, ptep, 1);
}

/* hash64: this CPU has run the mm, and no other has. */
static int run_only_here(struct mm_struct *mm)
{
	return mm_cpumask(mm) == 1UL << smp_processor_id();
}

static void flush_tlb_pending(struct ppc64_tlb_batch *batch)
{
	int local = run_only_here(batch->mm);

	if (batch->index == 1)
		flush_hash_page(batch->mm->context_id, batch->vaddr[0], local);
	else
		flush_hash_range(batch->index, local);
	batch->index = 0;
}

static void (hpte_need_flush)(struct mm_struct *mm, unsigned long address, pte_t *ptep, int huge)
{
	struct ppc64_tlb_batch *batch = &get_cpu_var(ppc64_tlb_batch);

	(void)ptep;
	if (!batch->active) {
		flush_hash_page(mm->context_id, address, run_only_here(mm));
		put_cpu_var(ppc64_tlb_batch);
		return;
	}
	if (batch->index && (batch->mm != mm || batch->psize != (unsigned long)!!huge))
		flush_tlb_pending(batch);
	if (!batch->index) {
		batch->mm = mm;
		batch->psize = !!huge;
	}
	batch->vaddr[batch->index++] = address;
	if (batch->index >= PPC64_TLB_BATCH_NR)
		flush_tlb_pending(batch);
	put_cpu_var(ppc64_tlb_batch);
}

static void (arch_enter_lazy_mmu_mode)(void)
{
	get_cpu_var(ppc64_tlb_batch).active = 1;
	put_cpu_var(ppc64_tlb_batch);
}

static void flush_hash64(int leave)
{
	struct ppc64_tlb_batch *batch = &get_cpu_var(ppc64_tlb_batch);

	if (batch->index)
		flush_tlb_pending(batch);
	if (leave)
		batch->active = 0;
	put_cpu_var(ppc64_tlb_batch);
}

static void (arch_leave_lazy_mmu_mode)(void)
{
	flush_hash64(1);
}

/* nohash: no other CPU has run the mm; not even this one need have. */
static int mm_is_core_local(struct mm_struct *mm)
{
	return !(mm_cpumask(mm) & ~(1UL << smp_processor_id()));
}

static void flush_pid(void *info)
{
	_tlbil_pid(*(unsigned int *)info);
}

static void flush_nohash(struct mm_struct *mm)
{
	preempt_disable();
	if (mm->context_id) {
		if (!mm_is_core_local(mm))
			smp_call_function_many(mm_cpumask(mm), flush_pid, &mm->context_id, 1);
		_tlbil_pid(mm->context_id);
	}
	preempt_enable();
}

static void flush_here(void *info)
{
	flush_tlb_cpu(*(unsigned int *)info);
}

static void (tlb_flush)(struct mmu_gather *tlb)
{
	if (is("hash64")) {
		flush_hash64(0);
	} else if (is("hash32")) {
		if (!Hash)
			_tlbia();
	} else if (is("nohash")) {
		flush_nohash(tlb->mm);
	} else if (is("hardware-walker")) {
		flush_tlb_bcast(tlb->mm->context_id);
	} else {
		preempt_disable();
		smp_call_function(flush_here, &tlb->mm->context_id, 1);
		flush_tlb_cpu(tlb->mm->context_id);
		preempt_enable();
	}
}

MMU_GATHER_PORT("rfc-2010 in C", "1", sizeof(struct mmu_gather), max_pgtable_index_size,
		.tlb_gather_mmu = tlb_gather_mmu,
		.tlb_flush_mmu = tlb_flush_mmu,
		.tlb_finish_mmu = tlb_finish_mmu,
		.tlb_remove_page = tlb_remove_page,
		.tlb_remove_table = tlb_remove_table,
		.tlb_table_flush = tlb_table_flush,
		.pte_free_tlb = pte_free_tlb,
		.pmd_free_tlb = pmd_free_tlb,
		.tlb_remove_tlb_entry = tlb_remove_tlb_entry,
		.tlb_flush = tlb_flush,
		.__tlb_remove_table = __tlb_remove_table,
		.pgtable_free_tlb = pgtable_free_tlb,
		.__pte_free_tlb = __pte_free_tlb,
		.__pmd_free_tlb = __pmd_free_tlb,
		.__tlb_remove_tlb_entry = __tlb_remove_tlb_entry,
		.hpte_need_flush = hpte_need_flush,
		.arch_enter_lazy_mmu_mode = arch_enter_lazy_mmu_mode,
		.arch_leave_lazy_mmu_mode = arch_leave_lazy_mmu_mode)
