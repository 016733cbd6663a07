/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * port.c - a kernel's mm/mmu_gather.c as a port: the functions of the contract, by calls to the kernel's
 *
 * Compiled behind shim.h, with the tree's own asm-generic/tlb.h. Where the kernel has a macro or an inline
 * function, such as pte_free_tlb(), this is its one user. SHIM_ERA is the era's version: 601 is v6.1, 612 is v6.12.
 */
#include <asm/tlb.h>

static void port_flush_mmu_tlbonly(struct mmu_gather *tlb)
{
	tlb_flush_mmu_tlbonly(tlb);
}

static void port_remove_page(struct mmu_gather *tlb, struct page *page)
{
	tlb_remove_page(tlb, page);
}

static void port_remove_page_size(struct mmu_gather *tlb, struct page *page, int page_size)
{
	tlb_remove_page_size(tlb, page, page_size);
}

static void port_remove_table_sync_one(void)
{
	tlb_remove_table_sync_one();
}

static void port_pte_free_tlb(struct mmu_gather *tlb, pgtable_t ptep, unsigned long address)
{
	pte_free_tlb(tlb, ptep, address);
}

static void port_pmd_free_tlb(struct mmu_gather *tlb, void *pmdp, unsigned long address)
{
	pmd_free_tlb(tlb, pmdp, address);
}

static void port_remove_tlb_entry(struct mmu_gather *tlb, pte_t *ptep, unsigned long address)
{
	tlb_remove_tlb_entry(tlb, ptep, address);
}

static void port_start_vma(struct mmu_gather *tlb, struct vm_area_struct *vma)
{
	tlb_start_vma(tlb, vma);
}

static void port_end_vma(struct mmu_gather *tlb, struct vm_area_struct *vma)
{
	tlb_end_vma(tlb, vma);
}

static void port_change_page_size(struct mmu_gather *tlb, unsigned int page_size)
{
	tlb_change_page_size(tlb, page_size);
}

#if SHIM_ERA >= 612
static bool port__remove_page(struct mmu_gather *tlb, struct page *page, bool delay_rmap)
{
	return __tlb_remove_page(tlb, page, delay_rmap);
}

static bool port_delay_rmap(struct mmu_gather *tlb)
{
	(void)tlb;
	return tlb_delay_rmap(tlb);
}

static void port_flush_rmaps(struct mmu_gather *tlb, struct vm_area_struct *vma)
{
	tlb_flush_rmaps(tlb, vma);
}

static void port_remove_ptdesc(struct mmu_gather *tlb, void *pt)
{
	tlb_remove_ptdesc(tlb, pt);
}
#else
static bool port__remove_page(struct mmu_gather *tlb, struct page *page)
{
	return __tlb_remove_page(tlb, page);
}
#endif

/* Whoever shares no tables has no such functions. */
#if defined(SHIM_UNSHARES) && \
	(defined(CONFIG_HUGETLB_PMD_PAGE_TABLE_SHARING) || defined(CONFIG_ARCH_WANT_HUGE_PMD_SHARE))
#define SHIM_SHARES
#if SHIM_ERA >= 612
static void port_unshare_pmd_ptdesc(struct mmu_gather *tlb, struct ptdesc *pt, unsigned long addr)
#else
static void port_unshare_pmd_ptdesc(struct mmu_gather *tlb, struct page *pt, unsigned long addr)
#endif
{
	tlb_unshare_pmd_ptdesc(tlb, pt, addr);
}

static void port_flush_unshared_tables(struct mmu_gather *tlb)
{
	tlb_flush_unshared_tables(tlb);
}
#endif

static void port_range(const struct mmu_gather *tlb, struct mmu_gather_range *range)
{
	range->start = tlb->start;
	range->end = tlb->end;
	range->fullmm = tlb->fullmm;
	range->need_flush_all = tlb->need_flush_all;
	range->freed_tables = tlb->freed_tables;
	range->cleared_ptes = tlb->cleared_ptes;
	range->cleared_pmds = tlb->cleared_pmds;
	range->cleared_puds = tlb->cleared_puds;
	range->cleared_p4ds = tlb->cleared_p4ds;
#ifdef SHIM_UNSHARES
	range->unshared_tables = tlb->unshared_tables;
#endif
}

static void port_set_range(struct mmu_gather *tlb, const struct mmu_gather_range *range)
{
	tlb->start = range->start;
	tlb->end = range->end;
	tlb->fullmm = range->fullmm;
	tlb->need_flush_all = range->need_flush_all;
	tlb->freed_tables = range->freed_tables;
	tlb->cleared_ptes = range->cleared_ptes;
	tlb->cleared_pmds = range->cleared_pmds;
	tlb->cleared_puds = range->cleared_puds;
	tlb->cleared_p4ds = range->cleared_p4ds;
#ifdef SHIM_UNSHARES
	tlb->unshared_tables = range->unshared_tables;
#endif
}

MMU_GATHER_PORT("the kernel's mm/mmu_gather.c", SHIM_VERSION, sizeof(struct mmu_gather), NULL,
		.tlb_gather_mmu = tlb_gather_mmu,
		.tlb_gather_mmu_fullmm = tlb_gather_mmu_fullmm,
		.tlb_flush_mmu = tlb_flush_mmu,
		.tlb_flush_mmu_tlbonly = port_flush_mmu_tlbonly,
		.tlb_finish_mmu = tlb_finish_mmu,
		.tlb_remove_page = port_remove_page,
		.tlb_remove_page_size = port_remove_page_size,
		.__tlb_remove_page = port__remove_page,
#ifndef CONFIG_MMU_GATHER_NO_GATHER
		.__tlb_remove_page_size = __tlb_remove_page_size,
#endif
#ifdef CONFIG_MMU_GATHER_TABLE_FREE
		.tlb_remove_table = tlb_remove_table,
#endif
		.tlb_remove_table_sync_one = port_remove_table_sync_one,
		.pte_free_tlb = port_pte_free_tlb,
		.pmd_free_tlb = port_pmd_free_tlb,
		.tlb_remove_tlb_entry = port_remove_tlb_entry,
#if SHIM_ERA >= 612
#ifndef CONFIG_MMU_GATHER_NO_GATHER
		.__tlb_remove_folio_pages = __tlb_remove_folio_pages,
#endif
		.tlb_remove_ptdesc = port_remove_ptdesc,
		.tlb_delay_rmap = port_delay_rmap,
		.tlb_flush_rmaps = port_flush_rmaps,
#endif
#ifdef SHIM_UNSHARES
		.tlb_gather_mmu_vma = tlb_gather_mmu_vma,
#endif
#ifdef SHIM_SHARES
		.tlb_unshare_pmd_ptdesc = port_unshare_pmd_ptdesc,
		.tlb_flush_unshared_tables = port_flush_unshared_tables,
#endif
		.tlb_start_vma = port_start_vma,
		.tlb_end_vma = port_end_vma,
		.__tlb_adjust_range = __tlb_adjust_range,
		.tlb_change_page_size = port_change_page_size,
		.range = port_range,
		.set_range = port_set_range)
