/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shim.h - what mm/mmu_gather.c and asm-generic/tlb.h of a kernel tree take from the rest of the kernel
 *
 * It is read before the first line of the kernel's file, whose own includes resolve to empty files. Services
 * go to the suite through the function table of mmu_gather.h; here are only the names that such a port has besides:
 * types, as far as the two files look into them, and macros.
 *
 * A name is here because one of the two files uses it, in some version that the suite supports. What is not
 * here does not compile, and is told by name. No line of it decides in which order anything happens.
 */
#ifndef MMU_GATHER_SHIM_H
#define MMU_GATHER_SHIM_H

#include "mmu_gather.h"

/* The kernel's file defines these itself; as calls from the arch half they go through the table. */
#undef tlb_remove_page
#undef tlb_remove_table
#ifndef CONFIG_MMU_GATHER_NO_GATHER
#undef __tlb_remove_page_size
#endif

/*
 * The configuration. A port in C takes it from the machine that the suite boots, but the kernel's file asks with
 * #ifdef, so that there is one library for each: SHIM_SMP and the CONFIG_ names are set by who compiles.
 */
#undef CONFIG_SMP
#ifdef SHIM_SMP
#define CONFIG_SMP 1
#endif
#define CONFIG_MMU 1

/* IS_ENABLED(): 1 where the option is defined as 1. A defined option turns MARK_##option into two arguments. */
#define SHIM_MARK_1 0,
#define SHIM_SECOND(first, second, ...) second
#define SHIM_MARKED(mark) SHIM_SECOND(mark 1, 0, 0)
#define SHIM_VALUE(value) SHIM_MARKED(SHIM_MARK_##value)
#define IS_ENABLED(option) SHIM_VALUE(option)

/* The compiler, and the small arithmetic of linux/kernel.h. */
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define likely(condition) __builtin_expect(!!(condition), 1)
#define unlikely(condition) __builtin_expect(!!(condition), 0)
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define SHIM_PICK(one, compare, other)		\
	({					\
		__auto_type a = (one);		\
		__auto_type b = (other);	\
						\
		a compare b ? a : b;		\
	})
#define min(one, other) SHIM_PICK(one, <, other)
#define max(one, other) SHIM_PICK(one, >, other)

/* A kernel without CONFIG_DEBUG_VM: these are compiled, and not evaluated. */
#define SHIM_UNEVALUATED(condition) ((void)sizeof((long)(condition)))
#define VM_BUG_ON(condition) SHIM_UNEVALUATED(condition)
#define VM_BUG_ON_PAGE(condition, page) SHIM_UNEVALUATED(condition)
#define VM_WARN_ON(condition) SHIM_UNEVALUATED(condition)
#define VM_WARN_ON_ONCE(condition) SHIM_UNEVALUATED(condition)

/* Preemption points and sanitizers have no effect that can be seen. */
#define cond_resched() do { } while (0)
#define might_sleep() do { } while (0)
#define kmsan_unpoison_memory(address, size) ((void)(address), (void)(size))
#define page_poisoning_enabled_static() false
#define want_init_on_free() false

/* The levels of the tables, by the address bits below them; what an entry maps is in mmu_gather.h. */
#define PMD_SHIFT (PAGE_SHIFT + MMU_GATHER_LEVEL_BITS)
#define PUD_SHIFT (PMD_SHIFT + MMU_GATHER_LEVEL_BITS)
#define P4D_SHIFT (PUD_SHIFT + MMU_GATHER_LEVEL_BITS)
#define PUD_MASK (~(PUD_SIZE - 1))
#define P4D_SIZE (1UL << P4D_SHIFT)
#define HPAGE_PMD_SIZE PMD_SIZE
#define HPAGE_PUD_SIZE PUD_SIZE

typedef struct {
	unsigned long pmd;
} pmd_t;

struct folio;

/*
 * Of a page that is a table shared by address spaces, 6.1 has the count in here; since then a ptdesc has it. It is
 * the only counter that the two files read, and the suite counts. Nobody looks further into a page; the pages of
 * a folio are so far apart.
 */
struct shim_share_count {
	int count;
};

struct page {
	union {
		struct shim_share_count pt_share_count;
		char room[SHIM_STRUCT_PAGE];
	};
};

#ifdef SHIM_UNSHARES
static inline int shim_is_shared(struct shim_share_count *count)
{
	return ptdesc_pmd_is_shared(count);
}

static inline void shim_share_count_dec(struct shim_share_count *count)
{
	ptdesc_pmd_pts_dec(count);
}

#define atomic_read(v) shim_is_shared(v)
#define atomic_dec(v) shim_share_count_dec(v)
#endif

static inline bool is_vm_hugetlb_page(struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_HUGETLB;
}

/* A huge page is as large as what one PMD maps. */
#define hstate_vma(vma) (vma)
#define huge_page_size(hstate) ((void)(hstate), PMD_SIZE)
#define flush_cache_range(vma, start, end) ((void)(vma), (void)(start), (void)(end))

/* Secondary TLBs are not modelled: nobody listens. */
#define mmu_notifier_invalidate_range(mm, start, end) ((void)(mm), (void)(start), (void)(end))

/* A word that is a page with two flags in its low bits, or a number of pages behind such a word. */
#define SHIM_ENCODED_BITS (ENCODED_PAGE_BIT_DELAY_RMAP | ENCODED_PAGE_BIT_NR_PAGES_NEXT)

static inline struct encoded_page *encode_page(struct page *page, unsigned long flags)
{
	return (struct encoded_page *)((unsigned long)page | flags);
}

static inline unsigned long encoded_page_flags(struct encoded_page *word)
{
	return (unsigned long)word & SHIM_ENCODED_BITS;
}

static inline struct page *encoded_page_ptr(struct encoded_page *word)
{
	return (struct page *)((unsigned long)word & ~SHIM_ENCODED_BITS);
}

static inline struct encoded_page *encode_nr_pages(unsigned long nr)
{
	return (struct encoded_page *)(nr << 2);
}

static inline unsigned long encoded_nr_pages(struct encoded_page *word)
{
	return (unsigned long)word >> 2;
}

/* Letting go of pages: of plain ones before v6.3, of encoded ones since. */
static inline void shim_free_pages(struct page **pages, int nr)
{
	free_pages_and_swap_cache(pages, nr);
}

#define free_pages_and_swap_cache(pages, nr)			\
	_Generic((pages), struct page **: shim_free_pages,	\
		 struct encoded_page **: free_encoded_pages_and_swap_cache)(pages, nr)

/* The suite knows a folio by its pages, and a mapping by its mm. */
#define page_folio(page) ((struct folio *)(page))
#define folio_remove_rmap_ptes(folio, page, nr, vma) \
	((void)(folio), (void)(vma), folio_remove_rmap_ptes(page, nr))
#define ptdesc_page(pt) ((struct page *)(pt))

/* What the rest of the kernel declares of the file's own functions. */
void tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm);
void tlb_gather_mmu_fullmm(struct mmu_gather *tlb, struct mm_struct *mm);
void tlb_gather_mmu_vma(struct mmu_gather *tlb, struct vm_area_struct *vma);
void tlb_finish_mmu(struct mmu_gather *tlb);

#endif /* MMU_GATHER_SHIM_H */
