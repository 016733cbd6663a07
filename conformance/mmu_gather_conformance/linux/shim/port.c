/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * port.c - a kernel's mm/mmu_gather.c as a port: the functions of the contract, by calls to the kernel's
 *
 * Compiled behind shim.h, with the tree's own asm-generic/tlb.h. Where the kernel has a macro, such as
 * pte_free_tlb(), this is its one user.
 */
#include <asm/tlb.h>

static void port_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm, unsigned int fullmm)
{
	if (fullmm)
		tlb_gather_mmu_fullmm(tlb, mm);
	else
		tlb_gather_mmu(tlb, mm);
}

static void port_flush_mmu(struct mmu_gather *tlb, unsigned long start, unsigned long end)
{
	(void)start;
	(void)end;
	tlb_flush_mmu(tlb);
}

static void port_finish_mmu(struct mmu_gather *tlb, unsigned long start, unsigned long end)
{
	(void)start;
	(void)end;
	tlb_finish_mmu(tlb);
}

static void port_remove_page(struct mmu_gather *tlb, struct page *page)
{
	tlb_remove_page(tlb, page);
}

static void port_pte_free_tlb(struct mmu_gather *tlb, struct page *ptepage, unsigned long address)
{
	pte_free_tlb(tlb, ptepage, address);
}

static void port_pmd_free_tlb(struct mmu_gather *tlb, void *pmdp, unsigned long address)
{
	pmd_free_tlb(tlb, pmdp, address);
}

static void port_remove_tlb_entry(struct mmu_gather *tlb, pte_t *ptep, unsigned long address)
{
	tlb_remove_tlb_entry(tlb, ptep, address);
}

MMU_GATHER_PORT("the kernel's mm/mmu_gather.c", SHIM_VERSION, sizeof(struct mmu_gather), NULL,
		.tlb_gather_mmu = port_gather_mmu,
		.tlb_flush_mmu = port_flush_mmu,
		.tlb_finish_mmu = port_finish_mmu,
		.tlb_remove_page = port_remove_page,
#ifdef CONFIG_MMU_GATHER_TABLE_FREE
		.tlb_remove_table = tlb_remove_table,
#endif
		.pte_free_tlb = port_pte_free_tlb,
		.pmd_free_tlb = port_pmd_free_tlb,
		.tlb_remove_tlb_entry = port_remove_tlb_entry)
