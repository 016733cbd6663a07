/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * mmu_gather.h - what a port in C includes, instead of the kernel's headers
 *
 * Generated from the typed contract by `python -m mmu_gather_conformance.c_header`; do not edit.
 *
 * A port is a shared library that defines functions with the kernel's names and ends with
 * MMU_GATHER_PORT(...).  Write the names of the contract's functions in parentheses where you
 * define them:
 *
 *	void (tlb_flush)(struct mmu_gather *tlb) { ... }
 *
 * Without parentheses each such name is a call through the link: to whatever half the suite has
 * linked, be it your own.  So every call between the halves is seen.
 *
 * BUG_ON() does not return, and neither does a service once the suite has to end the run.  Keep nothing
 * that has to be given back across such a call; and keep no state in globals, since it would be shared
 * by all gathers.
 *
 * PAGE_SIZE, CONFIG_SMP and the like are facts of the machine that the suite boots, and one library is run
 * on many machines: never constants, and nothing for #if.  A port may have several source files.
 */
#ifndef MMU_GATHER_H
#define MMU_GATHER_H

#include <setjmp.h>
#include <stddef.h>

#define MMU_GATHER_ABI 1
#define MMU_GATHER_ERA "rfc-2010"

typedef unsigned int gfp_t;
typedef struct { int counter; } atomic_t;

struct mm_struct {
	atomic_t mm_users;
	atomic_t mm_count;
	unsigned int context_id;	/* 0: none yet */
};

typedef struct {
	unsigned long flags;
	struct page *page;
} pte_t;

struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *head);
};

/* hash64: the hash flushes that wait on one CPU; it belongs to the kernel. */
#define PPC64_TLB_BATCH_NR 192
struct ppc64_tlb_batch {
	int active;
	unsigned long index;
	struct mm_struct *mm;
	unsigned long psize;
	unsigned long vaddr[PPC64_TLB_BATCH_NR];
};

struct page;
struct mmu_gather;	/* the generic half's own; its first member is `struct mm_struct *mm` */

#define _PAGE_HASHPTE 0x2UL
#define pte_val(pte) ((pte).flags)

/* The kernel and the link, as the suite hands them to a port. */
struct mmu_gather_env {
	unsigned int abi;
	unsigned int size;
	/* set when a service has to end the run: the service's wrapper then leaves the port */
	volatile int stop;
	int smp;
	int hash_table;
	int pmd_index_size;
	unsigned long page_size;
	const char *arch;
	unsigned long (*__get_free_pages)(gfp_t gfp_mask, unsigned int order);
	void (*free_pages)(unsigned long addr, unsigned int order);
	void (*kmem_cache_free)(int index, void *obj);
	void (*call_rcu_sched)(struct rcu_head *head, void (*func)(struct rcu_head *));
	void (*call_rcu)(struct rcu_head *head, void (*func)(struct rcu_head *));
	void (*synchronize_sched)(void);
	int (*smp_call_function)(void (*func)(void *), void *info, int wait);
	int (*smp_call_function_many)(unsigned long mask, void (*func)(void *), void *info, int wait);
	int (*smp_processor_id)(void);
	int (*num_online_cpus)(void);
	void (*preempt_disable)(void);
	void (*preempt_enable)(void);
	void (*local_irq_disable)(void);
	void (*local_irq_enable)(void);
	int (*atomic_read)(const atomic_t *v);
	unsigned long (*mm_cpumask)(struct mm_struct *mm);
	void (*free_pages_and_swap_cache)(struct page **pages, int nr);
	void *(*page_address)(struct page *page);
	void (*pgtable_page_dtor)(struct page *page);
	void (*mmu_gather_bug)(const char *expression);
	struct ppc64_tlb_batch *(*get_cpu_var_ppc64_tlb_batch)(void);
	void (*put_cpu_var_ppc64_tlb_batch)(void);
	void (*_tlbia)(void);
	int (*flush_hash_pages)(unsigned int context, unsigned long va, pte_t *ptep, int count);
	void (*flush_hash_page)(unsigned int context, unsigned long va, int local);
	void (*flush_hash_range)(unsigned long number, int local);
	void (*_tlbil_pid)(unsigned int pid);
	void (*_tlbivax_bcast)(unsigned long vmaddr, unsigned int pid, unsigned int ind);
	void (*flush_tlb_bcast)(unsigned int context);
	void (*flush_tlb_cpu)(unsigned int context);
	void (*tlb_flush)(struct mmu_gather *tlb);
	void (*__tlb_remove_table)(void *_table);
	void (*__pte_free_tlb)(struct mmu_gather *tlb, struct page *ptepage, unsigned long address);
	void (*__pmd_free_tlb)(struct mmu_gather *tlb, void *pmdp, unsigned long address);
	void (*__tlb_remove_tlb_entry)(struct mmu_gather *tlb, pte_t *ptep, unsigned long address);
	void (*tlb_remove_table)(struct mmu_gather *tlb, void *table);
	void (*tlb_remove_page)(struct mmu_gather *tlb, struct page *page);
};

/* What a port provides; NULL where it does not.  A half is provided whole or not at all. */
struct mmu_gather_functions {
	/**
	 * tlb_gather_mmu - start a gather
	 *
	 * tlb: the gather, on the caller's stack, with arbitrary content: every field that is
	 * read later is written here.  mm: the address space.  full_mm_flush: non-zero when
	 * the whole address space goes away.  Context: process; may allocate without sleeping.
	 * Source: include/asm-generic/tlb.h, seed lines 325-334.
	 */
	void (*tlb_gather_mmu)(struct mmu_gather *tlb, struct mm_struct *mm, unsigned int full_mm_flush);
	/**
	 * tlb_flush_mmu - invalidate what was unmapped so far, then let go of it
	 *
	 * Does nothing if nothing was unmapped since the last flush.  Otherwise in this order:
	 * tlb_flush(), submit the batch of tables, free the batch of pages.  start, end: user
	 * addresses, in bytes; unused by this version.  Context: process, IRQs on.
	 * Source: include/asm-generic/tlb.h, seed lines 336-345.
	 */
	void (*tlb_flush_mmu)(struct mmu_gather *tlb, unsigned long start, unsigned long end);
	/**
	 * tlb_finish_mmu - end a gather
	 *
	 * Flushes as tlb_flush_mmu() does.  On return the gather holds no page, no table and
	 * no batch; tables may still wait for their grace period.  Context: process, IRQs on.
	 * Source: include/asm-generic/tlb.h.
	 */
	void (*tlb_finish_mmu)(struct mmu_gather *tlb, unsigned long start, unsigned long end);
	/**
	 * tlb_remove_page - free a page of user data after its translations are gone
	 *
	 * page: unmapped by the caller.  May flush at once, when no slot is left.
	 * Context: process, IRQs on; a flush under the PTE lock is possible here.
	 * Source: include/asm-generic/tlb.h.
	 */
	void (*tlb_remove_page)(struct mmu_gather *tlb, struct page *page);
	/**
	 * tlb_remove_table - free a page table that lockless walkers may still read
	 *
	 * table: as the arch encoded it; opaque here.  The caller has unlinked it.  Queues it
	 * for RCU; frees it after an IPI to all CPUs if no batch can be had.
	 * Context: process, IRQs on, since it may broadcast and wait.
	 * Source: mm/memory.c, seed lines 401-427.
	 */
	void (*tlb_remove_table)(struct mmu_gather *tlb, void *table);
	/**
	 * tlb_table_flush - hand the batch of tables to RCU, if there is one
	 *
	 * Does not invalidate, does not block, may be called twice.
	 * Source: mm/memory.c, seed lines 391-399.
	 */
	void (*tlb_table_flush)(struct mmu_gather *tlb);
	/**
	 * pte_free_tlb - what a caller writes to free a PTE table
	 *
	 * ptepage: the page behind the table, unlinked.  address: the user address it mapped, in
	 * bytes.  Opens the gate, then __pte_free_tlb().  Source: include/asm-generic/tlb.h.
	 */
	void (*pte_free_tlb)(struct mmu_gather *tlb, struct page *ptepage, unsigned long address);
	/**
	 * pmd_free_tlb - what a caller writes to free a PMD table
	 *
	 * pmdp: the table, unlinked.  Opens the gate, then __pmd_free_tlb().
	 * Source: include/asm-generic/tlb.h.
	 */
	void (*pmd_free_tlb)(struct mmu_gather *tlb, void *pmdp, unsigned long address);
	/**
	 * tlb_remove_tlb_entry - note that one translation went away
	 *
	 * ptep: the entry, cleared but for _PAGE_HASHPTE.  Opens the gate, then
	 * __tlb_remove_tlb_entry().  Source: include/asm-generic/tlb.h.
	 */
	void (*tlb_remove_tlb_entry)(struct mmu_gather *tlb, pte_t *ptep, unsigned long address);
	/**
	 * tlb_flush - invalidate all that this gather unmapped so far
	 *
	 * Only invalidates: submitting and freeing are the generic half's.
	 * Context: process.  Source: arch/powerpc/mm/tlb_*.c, seed lines 215-252.
	 */
	void (*tlb_flush)(struct mmu_gather *tlb);
	/**
	 * __tlb_remove_table - free one table at last
	 *
	 * _table: as it was passed to tlb_remove_table().  Needs nothing but its argument, since
	 * the gather and the mm may be gone.  Context: any, softirq included.
	 * Source: arch/powerpc/include/asm/pgalloc.h, seed lines 67-73.
	 */
	void (*__tlb_remove_table)(void *_table);
	/**
	 * pgtable_free_tlb - encode a table with its shift and pass it on
	 *
	 * table: aligned so that the mask's bits are clear.  shift: its index size in bits, 0
	 * for a PTE page.  BUGs if shift exceeds MAX_PGTABLE_INDEX_SIZE.
	 * Context: process, IRQs on.  Source: arch/powerpc/include/asm/pgalloc.h, seed lines 59-65.
	 */
	void (*pgtable_free_tlb)(struct mmu_gather *tlb, void *table, int shift);
	/**
	 * __pte_free_tlb - the arch's part of freeing a PTE table
	 *
	 * Where hardware reads the entry above a PTE table, it is invalidated before the table
	 * is queued.  Context: process, IRQs on.  Source: arch/powerpc/include/asm/pgalloc.h.
	 */
	void (*__pte_free_tlb)(struct mmu_gather *tlb, struct page *ptepage, unsigned long address);
	/**
	 * __pmd_free_tlb - the arch's part of freeing a PMD table
	 *
	 * Does nothing where the PMD is folded.  Context: process, IRQs on.
	 * Source: arch/powerpc/include/asm/pgalloc-{32,64}.h.
	 */
	void (*__pmd_free_tlb)(struct mmu_gather *tlb, void *pmdp, unsigned long address);
	/**
	 * __tlb_remove_tlb_entry - the arch's part of dropping one translation
	 *
	 * hash32: flushes the hash entry now, while the PTE table is there to read.
	 * Context: process, PTE lock held.  Source: arch/powerpc/include/asm/tlb.h.
	 */
	void (*__tlb_remove_tlb_entry)(struct mmu_gather *tlb, pte_t *ptep, unsigned long address);
	/**
	 * hpte_need_flush - an entry with a copy in the hash table was changed
	 *
	 * Adds it to this CPU's batch in lazy mode; flushes it at once otherwise.
	 * address: user address in bytes.  The kernel passes the entry's old value beside ptep; here
	 * ptep still has what is asked of it.  Context: PTE lock held.
	 * Source: arch/powerpc/mm/tlb_hash64.c.
	 */
	void (*hpte_need_flush)(struct mm_struct *mm, unsigned long address, pte_t *ptep, int huge);
	/**
	 * arch_enter_lazy_mmu_mode - from here on hash flushes may wait
	 *
	 * Context: PTE lock held, so preemption is off.
	 * Source: arch/powerpc/include/asm/tlbflush.h.
	 */
	void (*arch_enter_lazy_mmu_mode)(void);
	/**
	 * arch_leave_lazy_mmu_mode - flush what waits, and let nothing wait any more
	 *
	 * Context: as for enter.
	 * Source: arch/powerpc/include/asm/tlbflush.h.
	 */
	void (*arch_leave_lazy_mmu_mode)(void);
};

/* The same as the suite calls them: 0 when the call returned, 1 when the run was ended inside. */
struct mmu_gather_ops {
	unsigned int abi;
	unsigned int size;
	const char *name;
	const char *version;
	unsigned int sizeof_mmu_gather;
	unsigned int sizeof_long;
	void (*bind)(struct mmu_gather_env *env);
	unsigned long (*max_pgtable_index_size)(void);
	int (*run_rcu)(void (*func)(struct rcu_head *), struct rcu_head *head);
	int (*run_ipi)(void (*func)(void *), void *info);
	int (*tlb_gather_mmu)(struct mmu_gather *tlb, struct mm_struct *mm, unsigned int full_mm_flush);
	int (*tlb_flush_mmu)(struct mmu_gather *tlb, unsigned long start, unsigned long end);
	int (*tlb_finish_mmu)(struct mmu_gather *tlb, unsigned long start, unsigned long end);
	int (*tlb_remove_page)(struct mmu_gather *tlb, struct page *page);
	int (*tlb_remove_table)(struct mmu_gather *tlb, void *table);
	int (*tlb_table_flush)(struct mmu_gather *tlb);
	int (*pte_free_tlb)(struct mmu_gather *tlb, struct page *ptepage, unsigned long address);
	int (*pmd_free_tlb)(struct mmu_gather *tlb, void *pmdp, unsigned long address);
	int (*tlb_remove_tlb_entry)(struct mmu_gather *tlb, pte_t *ptep, unsigned long address);
	int (*tlb_flush)(struct mmu_gather *tlb);
	int (*__tlb_remove_table)(void *_table);
	int (*pgtable_free_tlb)(struct mmu_gather *tlb, void *table, int shift);
	int (*__pte_free_tlb)(struct mmu_gather *tlb, struct page *ptepage, unsigned long address);
	int (*__pmd_free_tlb)(struct mmu_gather *tlb, void *pmdp, unsigned long address);
	int (*__tlb_remove_tlb_entry)(struct mmu_gather *tlb, pte_t *ptep, unsigned long address);
	int (*hpte_need_flush)(struct mm_struct *mm, unsigned long address, pte_t *ptep, int huge);
	int (*arch_enter_lazy_mmu_mode)(void);
	int (*arch_leave_lazy_mmu_mode)(void);
};

/* One of each for a library, whichever of its source files include this. */
#define MMU_GATHER_ONE __attribute__((weak, visibility("hidden")))
MMU_GATHER_ONE struct mmu_gather_env *mmu_gather_env;
MMU_GATHER_ONE const struct mmu_gather_functions *mmu_gather_mine;
MMU_GATHER_ONE jmp_buf *mmu_gather_top;

/* After each service: go on, or leave the port by the innermost way that the suite came in. */
static inline void mmu_gather_returned(void)
{
	if (mmu_gather_env->stop)
		longjmp(*mmu_gather_top, 1);
}

#define MMU_GATHER_ENTER(call)			\
	do {					\
		jmp_buf here;			\
		jmp_buf *const before = mmu_gather_top;	\
						\
		mmu_gather_top = &here;		\
		if (setjmp(here) == 0) {	\
			call;			\
			mmu_gather_top = before;	\
			return 0;		\
		}				\
		mmu_gather_top = before;	\
		return 1;			\
	} while (0)

/* The machine. */
#define PAGE_SIZE (mmu_gather_env->page_size)
#define CONFIG_SMP (mmu_gather_env->smp)
#define Hash (mmu_gather_env->hash_table)
#define PMD_INDEX_SIZE (mmu_gather_env->pmd_index_size)
#define __GFP_WAIT 0x10u
#define __GFP_HIGH 0x20u
#define __GFP_NOWARN 0x200u
#define GFP_ATOMIC (__GFP_HIGH)
#define GFP_NOWAIT 0u
#define container_of(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))
#define PGT_CACHE(shift) ((int)(shift))

/* The kernel's services. */
/*
 * `1 << order` pages, or 0.  answered: page, none.  context: as `__get_free_page`.
 */
static inline unsigned long __get_free_pages(gfp_t gfp_mask, unsigned int order)
{
	unsigned long result = mmu_gather_env->__get_free_pages(gfp_mask, order);

	mmu_gather_returned();
	return result;
}

/*
 * Give `1 << order` pages back, at once.  instant; any context.
 */
static inline void free_pages(unsigned long addr, unsigned int order)
{
	mmu_gather_env->free_pages(addr, order);
	mmu_gather_returned();
}

/*
 * Give a table back to the cache `PGT_CACHE(index)`, at once.  instant; any context.
 *
 * `index` is the table's index size in bits, at least 1.
 */
static inline void kmem_cache_free(int index, void *obj)
{
	mmu_gather_env->kmem_cache_free(index, obj);
	mmu_gather_returned();
}

/*
 * Call `func(head)` in softirq, on any CPU, after a grace period.  instant.
 *
 * The grace period is one that regions with IRQs off or preemption off hold back.
 * source: the seed, "We use the sched RCU variant".
 */
static inline void call_rcu_sched(struct rcu_head *head, void (*func)(struct rcu_head *))
{
	mmu_gather_env->call_rcu_sched(head, func);
	mmu_gather_returned();
}

/*
 * Call `func(head)` after a grace period.  instant; any context.
 *
 * Before v5.0 only `rcu_read_lock` holds it back: it does not wait for a walker that merely has IRQs off.
 * Since then the flavours are one, and it waits for both.
 */
static inline void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *))
{
	mmu_gather_env->call_rcu(head, func);
	mmu_gather_returned();
}

/*
 * Wait for a sched grace period.  blocking; process context, IRQs on, may sleep.
 */
static inline void synchronize_sched(void)
{
	mmu_gather_env->synchronize_sched();
	mmu_gather_returned();
}

/*
 * Run `func(info)` by IPI on every other online CPU; with `wait`, until all have.
 *
 * blocking where `wait`; IRQs on, not in softirq.  On UP: nothing, and 0.
 * source: kernel/smp.c, "Can deadlock when called with interrupts disabled".
 */
static inline int smp_call_function(void (*func)(void *), void *info, int wait)
{
	int result = mmu_gather_env->smp_call_function(func, info, wait);

	mmu_gather_returned();
	return result;
}

/*
 * As `smp_call_function`, on the CPUs of `mask` other than this one.
 */
static inline int smp_call_function_many(unsigned long mask, void (*func)(void *), void *info, int wait)
{
	int result = mmu_gather_env->smp_call_function_many(mask, func, info, wait);

	mmu_gather_returned();
	return result;
}

/*
 * The CPU this runs on; worth something only while preemption is off.  instant.
 */
static inline int smp_processor_id(void)
{
	int result = mmu_gather_env->smp_processor_id();

	mmu_gather_returned();
	return result;
}

/*
 * How many CPUs are online now; may change at once.  answered: 2, 1.
 */
static inline int num_online_cpus(void)
{
	int result = mmu_gather_env->num_online_cpus();

	mmu_gather_returned();
	return result;
}

/*
 * Hold off preemption on this CPU.  Nests.  instant.
 */
static inline void preempt_disable(void)
{
	mmu_gather_env->preempt_disable();
	mmu_gather_returned();
}

/*
 * Undo one `preempt_disable`.  instant.
 */
static inline void preempt_enable(void)
{
	mmu_gather_env->preempt_enable();
	mmu_gather_returned();
}

/*
 * Take no interrupt on this CPU from now on.  instant.
 */
static inline void local_irq_disable(void)
{
	mmu_gather_env->local_irq_disable();
	mmu_gather_returned();
}

/*
 * Take interrupts again; those that were held off arrive now.  instant.
 */
static inline void local_irq_enable(void)
{
	mmu_gather_env->local_irq_enable();
	mmu_gather_returned();
}

/*
 * What a counter holds now; may change at once, and orders nothing.
 *
 * answered, for `mm_users`: 0, 1, 2, 3.  It is 0 in every `exit_mmap`.
 */
static inline int atomic_read(const atomic_t *v)
{
	int result = mmu_gather_env->atomic_read(v);

	mmu_gather_returned();
	return result;
}

/*
 * The CPUs that may hold translations of `mm`.  answered: this CPU only, two CPUs.
 */
static inline unsigned long mm_cpumask(struct mm_struct *mm)
{
	unsigned long result = mmu_gather_env->mm_cpumask(mm);

	mmu_gather_returned();
	return result;
}

/*
 * Drop the first `nr` of `pages`, in their order.  instant.
 */
static inline void free_pages_and_swap_cache(struct page **pages, int nr)
{
	mmu_gather_env->free_pages_and_swap_cache(pages, nr);
	mmu_gather_returned();
}

/*
 * The address of the memory behind `page`.  instant; any context.
 */
static inline void *page_address(struct page *page)
{
	void *result = mmu_gather_env->page_address(page);

	mmu_gather_returned();
	return result;
}

/*
 * Tear down the lock and the accounting of a PTE page.  instant.
 */
static inline void pgtable_page_dtor(struct page *page)
{
	mmu_gather_env->pgtable_page_dtor(page);
	mmu_gather_returned();
}

static inline void mmu_gather_bug(const char *expression)
{
	mmu_gather_env->mmu_gather_bug(expression);
	mmu_gather_returned();
}

/*
 * `get_cpu_var(ppc64_tlb_batch)`: this CPU's batch; no migration until `put`.
 *
 * answered: the batch is empty, holds entries of this mm, or of another mm.
 */
static inline struct ppc64_tlb_batch *get_cpu_var_ppc64_tlb_batch(void)
{
	struct ppc64_tlb_batch *result = mmu_gather_env->get_cpu_var_ppc64_tlb_batch();

	mmu_gather_returned();
	return result;
}

/*
 * `put_cpu_var(ppc64_tlb_batch)`: the task may migrate again.  instant.
 */
static inline void put_cpu_var_ppc64_tlb_batch(void)
{
	mmu_gather_env->put_cpu_var_ppc64_tlb_batch();
	mmu_gather_returned();
}

/*
 * Invalidate the whole TLB: hash32 without a hash table.  instant.
 */
static inline void _tlbia(void)
{
	mmu_gather_env->_tlbia();
	mmu_gather_returned();
}

/*
 * hash32: drop `count` entries of the hash table from `va` on, on all CPUs.  instant.
 *
 * It reads the Linux PTE, so the PTE table must still be there.
 * source: arch/powerpc/mm/tlb_hash32.c.
 */
static inline int flush_hash_pages(unsigned int context, unsigned long va, pte_t *ptep, int count)
{
	int result = mmu_gather_env->flush_hash_pages(context, va, ptep, count);

	mmu_gather_returned();
	return result;
}

/*
 * hash64: drop one entry of the hash table and its translations.  instant.
 *
 * `local`: no other CPU has run the context, so no other CPU is told.
 */
static inline void flush_hash_page(unsigned int context, unsigned long va, int local)
{
	mmu_gather_env->flush_hash_page(context, va, local);
	mmu_gather_returned();
}

/*
 * hash64: drop the first `number` entries of a batch.  instant.
 */
static inline void flush_hash_range(unsigned long number, int local)
{
	mmu_gather_env->flush_hash_range(number, local);
	mmu_gather_returned();
}

/*
 * nohash: drop this CPU's translations of one context.  instant, and local.
 */
static inline void _tlbil_pid(unsigned int pid)
{
	mmu_gather_env->_tlbil_pid(pid);
	mmu_gather_returned();
}

/*
 * nohash: drop one translation on every CPU by broadcast; no CPU is interrupted.
 *
 * `ind`: the indirect entry, which Book3E's hardware walker reads.  instant.
 */
static inline void _tlbivax_bcast(unsigned long vmaddr, unsigned int pid, unsigned int ind)
{
	mmu_gather_env->_tlbivax_bcast(vmaddr, pid, ind);
	mmu_gather_returned();
}

/*
 * Drop the translations and the walk caches of one context on every CPU; nobody is interrupted.
 *
 * instant: it returns when every CPU has done so.
 */
static inline void flush_tlb_bcast(unsigned int context)
{
	mmu_gather_env->flush_tlb_bcast(context);
	mmu_gather_returned();
}

/*
 * The control's flush: drop this CPU's translations of one context.  instant.
 */
static inline void flush_tlb_cpu(unsigned int context)
{
	mmu_gather_env->flush_tlb_cpu(context);
	mmu_gather_returned();
}


#define __get_free_page(gfp) __get_free_pages((gfp), 0)
#define free_page(addr) free_pages((addr), 0)
#define BUG_ON(condition)			\
	do {					\
		if (condition)			\
			mmu_gather_bug(#condition);	\
	} while (0)
#define get_cpu_var(var) (*get_cpu_var_##var())
#define put_cpu_var(var) put_cpu_var_##var()

static inline void free_page_and_swap_cache(struct page *page)
{
	free_pages_and_swap_cache(&page, 1);
}

/* The link: a name of the contract, called without parentheses, goes where the suite has linked it. */
static inline void mmu_gather_link_tlb_flush(struct mmu_gather *tlb)
{
	mmu_gather_env->tlb_flush(tlb);
	mmu_gather_returned();
}
#define tlb_flush(tlb) mmu_gather_link_tlb_flush(tlb)

static inline void mmu_gather_link___tlb_remove_table(void *_table)
{
	mmu_gather_env->__tlb_remove_table(_table);
	mmu_gather_returned();
}
#define __tlb_remove_table(_table) mmu_gather_link___tlb_remove_table(_table)

static inline void mmu_gather_link___pte_free_tlb(struct mmu_gather *tlb, struct page *ptepage, unsigned long address)
{
	mmu_gather_env->__pte_free_tlb(tlb, ptepage, address);
	mmu_gather_returned();
}
#define __pte_free_tlb(tlb, ptepage, address) mmu_gather_link___pte_free_tlb(tlb, ptepage, address)

static inline void mmu_gather_link___pmd_free_tlb(struct mmu_gather *tlb, void *pmdp, unsigned long address)
{
	mmu_gather_env->__pmd_free_tlb(tlb, pmdp, address);
	mmu_gather_returned();
}
#define __pmd_free_tlb(tlb, pmdp, address) mmu_gather_link___pmd_free_tlb(tlb, pmdp, address)

static inline void mmu_gather_link___tlb_remove_tlb_entry(struct mmu_gather *tlb, pte_t *ptep, unsigned long address)
{
	mmu_gather_env->__tlb_remove_tlb_entry(tlb, ptep, address);
	mmu_gather_returned();
}
#define __tlb_remove_tlb_entry(tlb, ptep, address) mmu_gather_link___tlb_remove_tlb_entry(tlb, ptep, address)

static inline void mmu_gather_link_tlb_remove_table(struct mmu_gather *tlb, void *table)
{
	mmu_gather_env->tlb_remove_table(tlb, table);
	mmu_gather_returned();
}
#define tlb_remove_table(tlb, table) mmu_gather_link_tlb_remove_table(tlb, table)

static inline void mmu_gather_link_tlb_remove_page(struct mmu_gather *tlb, struct page *page)
{
	mmu_gather_env->tlb_remove_page(tlb, page);
	mmu_gather_returned();
}
#define tlb_remove_page(tlb, page) mmu_gather_link_tlb_remove_page(tlb, page)


/* How the suite comes in. */
static inline int mmu_gather_call_tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm, unsigned int full_mm_flush)
{
	MMU_GATHER_ENTER((mmu_gather_mine->tlb_gather_mmu)(tlb, mm, full_mm_flush));
}

static inline int mmu_gather_call_tlb_flush_mmu(struct mmu_gather *tlb, unsigned long start, unsigned long end)
{
	MMU_GATHER_ENTER((mmu_gather_mine->tlb_flush_mmu)(tlb, start, end));
}

static inline int mmu_gather_call_tlb_finish_mmu(struct mmu_gather *tlb, unsigned long start, unsigned long end)
{
	MMU_GATHER_ENTER((mmu_gather_mine->tlb_finish_mmu)(tlb, start, end));
}

static inline int mmu_gather_call_tlb_remove_page(struct mmu_gather *tlb, struct page *page)
{
	MMU_GATHER_ENTER((mmu_gather_mine->tlb_remove_page)(tlb, page));
}

static inline int mmu_gather_call_tlb_remove_table(struct mmu_gather *tlb, void *table)
{
	MMU_GATHER_ENTER((mmu_gather_mine->tlb_remove_table)(tlb, table));
}

static inline int mmu_gather_call_tlb_table_flush(struct mmu_gather *tlb)
{
	MMU_GATHER_ENTER((mmu_gather_mine->tlb_table_flush)(tlb));
}

static inline int mmu_gather_call_pte_free_tlb(struct mmu_gather *tlb, struct page *ptepage, unsigned long address)
{
	MMU_GATHER_ENTER((mmu_gather_mine->pte_free_tlb)(tlb, ptepage, address));
}

static inline int mmu_gather_call_pmd_free_tlb(struct mmu_gather *tlb, void *pmdp, unsigned long address)
{
	MMU_GATHER_ENTER((mmu_gather_mine->pmd_free_tlb)(tlb, pmdp, address));
}

static inline int mmu_gather_call_tlb_remove_tlb_entry(struct mmu_gather *tlb, pte_t *ptep, unsigned long address)
{
	MMU_GATHER_ENTER((mmu_gather_mine->tlb_remove_tlb_entry)(tlb, ptep, address));
}

static inline int mmu_gather_call_tlb_flush(struct mmu_gather *tlb)
{
	MMU_GATHER_ENTER((mmu_gather_mine->tlb_flush)(tlb));
}

static inline int mmu_gather_call___tlb_remove_table(void *_table)
{
	MMU_GATHER_ENTER((mmu_gather_mine->__tlb_remove_table)(_table));
}

static inline int mmu_gather_call_pgtable_free_tlb(struct mmu_gather *tlb, void *table, int shift)
{
	MMU_GATHER_ENTER((mmu_gather_mine->pgtable_free_tlb)(tlb, table, shift));
}

static inline int mmu_gather_call___pte_free_tlb(struct mmu_gather *tlb, struct page *ptepage, unsigned long address)
{
	MMU_GATHER_ENTER((mmu_gather_mine->__pte_free_tlb)(tlb, ptepage, address));
}

static inline int mmu_gather_call___pmd_free_tlb(struct mmu_gather *tlb, void *pmdp, unsigned long address)
{
	MMU_GATHER_ENTER((mmu_gather_mine->__pmd_free_tlb)(tlb, pmdp, address));
}

static inline int mmu_gather_call___tlb_remove_tlb_entry(struct mmu_gather *tlb, pte_t *ptep, unsigned long address)
{
	MMU_GATHER_ENTER((mmu_gather_mine->__tlb_remove_tlb_entry)(tlb, ptep, address));
}

static inline int mmu_gather_call_hpte_need_flush(struct mm_struct *mm, unsigned long address, pte_t *ptep, int huge)
{
	MMU_GATHER_ENTER((mmu_gather_mine->hpte_need_flush)(mm, address, ptep, huge));
}

static inline int mmu_gather_call_arch_enter_lazy_mmu_mode(void)
{
	MMU_GATHER_ENTER((mmu_gather_mine->arch_enter_lazy_mmu_mode)());
}

static inline int mmu_gather_call_arch_leave_lazy_mmu_mode(void)
{
	MMU_GATHER_ENTER((mmu_gather_mine->arch_leave_lazy_mmu_mode)());
}


static inline int mmu_gather_run_rcu(void (*func)(struct rcu_head *), struct rcu_head *head)
{
	MMU_GATHER_ENTER(func(head));
}

static inline int mmu_gather_run_ipi(void (*func)(void *), void *info)
{
	MMU_GATHER_ENTER(func(info));
}

static inline void mmu_gather_bind(struct mmu_gather_env *env)
{
	mmu_gather_env = env;
	mmu_gather_top = NULL;
}

static inline const struct mmu_gather_ops *mmu_gather_table(const struct mmu_gather_functions *mine,
							    struct mmu_gather_ops *ops)
{
	mmu_gather_mine = mine;
	ops->abi = MMU_GATHER_ABI;
	ops->size = sizeof(*ops);
	ops->sizeof_long = sizeof(long);
	ops->bind = mmu_gather_bind;
	ops->run_rcu = mmu_gather_run_rcu;
	ops->run_ipi = mmu_gather_run_ipi;
	ops->tlb_gather_mmu = mine->tlb_gather_mmu ? mmu_gather_call_tlb_gather_mmu : NULL;
	ops->tlb_flush_mmu = mine->tlb_flush_mmu ? mmu_gather_call_tlb_flush_mmu : NULL;
	ops->tlb_finish_mmu = mine->tlb_finish_mmu ? mmu_gather_call_tlb_finish_mmu : NULL;
	ops->tlb_remove_page = mine->tlb_remove_page ? mmu_gather_call_tlb_remove_page : NULL;
	ops->tlb_remove_table = mine->tlb_remove_table ? mmu_gather_call_tlb_remove_table : NULL;
	ops->tlb_table_flush = mine->tlb_table_flush ? mmu_gather_call_tlb_table_flush : NULL;
	ops->pte_free_tlb = mine->pte_free_tlb ? mmu_gather_call_pte_free_tlb : NULL;
	ops->pmd_free_tlb = mine->pmd_free_tlb ? mmu_gather_call_pmd_free_tlb : NULL;
	ops->tlb_remove_tlb_entry = mine->tlb_remove_tlb_entry ? mmu_gather_call_tlb_remove_tlb_entry : NULL;
	ops->tlb_flush = mine->tlb_flush ? mmu_gather_call_tlb_flush : NULL;
	ops->__tlb_remove_table = mine->__tlb_remove_table ? mmu_gather_call___tlb_remove_table : NULL;
	ops->pgtable_free_tlb = mine->pgtable_free_tlb ? mmu_gather_call_pgtable_free_tlb : NULL;
	ops->__pte_free_tlb = mine->__pte_free_tlb ? mmu_gather_call___pte_free_tlb : NULL;
	ops->__pmd_free_tlb = mine->__pmd_free_tlb ? mmu_gather_call___pmd_free_tlb : NULL;
	ops->__tlb_remove_tlb_entry = mine->__tlb_remove_tlb_entry ? mmu_gather_call___tlb_remove_tlb_entry : NULL;
	ops->hpte_need_flush = mine->hpte_need_flush ? mmu_gather_call_hpte_need_flush : NULL;
	ops->arch_enter_lazy_mmu_mode = mine->arch_enter_lazy_mmu_mode ? mmu_gather_call_arch_enter_lazy_mmu_mode : NULL;
	ops->arch_leave_lazy_mmu_mode = mine->arch_leave_lazy_mmu_mode ? mmu_gather_call_arch_leave_lazy_mmu_mode : NULL;
	return ops;
}

/*
 * MMU_GATHER_PORT - what the library exports: whose contract it is a port of, and its functions
 *
 * name, version: strings.  gather_size: sizeof(struct mmu_gather), or 0 without a generic half.
 * mask: a function that returns MAX_PGTABLE_INDEX_SIZE, or NULL without an arch half.  The rest:
 * `.tlb_gather_mmu = tlb_gather_mmu, ...`, in any order.
 */
#define MMU_GATHER_PORT(name_, version_, gather_size, mask, ...)	\
	extern const char mmu_gather_era[];				\
	const char mmu_gather_era[] = MMU_GATHER_ERA;			\
	const struct mmu_gather_ops *mmu_gather_get_ops(unsigned int abi);	\
	const struct mmu_gather_ops *mmu_gather_get_ops(unsigned int abi)	\
	{								\
		static const struct mmu_gather_functions mine = { __VA_ARGS__ };	\
		static struct mmu_gather_ops ops = {			\
			.name = name_,					\
			.version = version_,				\
			.sizeof_mmu_gather = gather_size,		\
			.max_pgtable_index_size = mask,			\
		};							\
									\
		return abi == MMU_GATHER_ABI ? mmu_gather_table(&mine, &ops) : NULL;	\
	}

#endif /* MMU_GATHER_H */
