# SPDX-License-Identifier: GPL-2.0-only
"""What a port in C and the suite have of each other in an era, by name: functions, services, members of a range.

The header and the declarations that a library is loaded by are printed from these tables and from the contract, and
what is behind each name is looked up in them as well.  What a service means is `mmu_gather_spec.kernel`'s.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec import contract
from mmu_gather_spec.contract import CONTRACT_ERAS
from mmu_gather_spec.eras import DEFAULT_ERA

#: Functions that one half calls in the other, where the era has them.
CROSSINGS: Final = (
    "tlb_flush", "tlb_needs_table_invalidate", "__tlb_remove_table", "__pte_free_tlb", "__pmd_free_tlb",
    "__tlb_remove_tlb_entry", "tlb_remove_table", "tlb_remove_page", "__tlb_remove_page_size",
)  # fmt: skip
#: The first era whose gather keeps a range, and whose functions speak of mappings.
RANGED: Final = "v4.19"
#: The first era in whose stable series shared PMD tables are left through a gather.
UNSHARING: Final = "v6.1"
#: What an arch's tlb_flush() may look at of such a gather: since it keeps a range, ...
RANGE: Final = (
    "start", "end", "fullmm", "need_flush_all", "freed_tables",
    "cleared_ptes", "cleared_pmds", "cleared_puds", "cleared_p4ds",
)  # fmt: skip
#: ... and since tables are unshared through it.
UNSHARED: Final = ("unshared_tables",)

#: The kernel's services: result, name, parameters.  `flush_hash_range` takes its batch from the CPU it runs on.
SERVICES: Final = (
    ("unsigned long", "__get_free_pages", "gfp_t gfp_mask, unsigned int order"),
    ("void", "free_pages", "unsigned long addr, unsigned int order"),
    ("void", "kmem_cache_free", "int index, void *obj"),
    ("void", "call_rcu_sched", "struct rcu_head *head, void (*func)(struct rcu_head *)"),
    ("void", "call_rcu", "struct rcu_head *head, void (*func)(struct rcu_head *)"),
    ("void", "synchronize_sched", "void"),
    ("int", "smp_call_function", "void (*func)(void *), void *info, int wait"),
    ("int", "smp_call_function_many", "unsigned long mask, void (*func)(void *), void *info, int wait"),
    ("int", "smp_processor_id", "void"),
    ("int", "num_online_cpus", "void"),
    ("void", "preempt_disable", "void"),
    ("void", "preempt_enable", "void"),
    ("void", "local_irq_disable", "void"),
    ("void", "local_irq_enable", "void"),
    ("int", "atomic_read", "const atomic_t *v"),
    ("unsigned long", "mm_cpumask", "struct mm_struct *mm"),
    ("void", "free_pages_and_swap_cache", "struct page **pages, int nr"),
    ("void *", "page_address", "struct page *page"),
    ("void", "pgtable_page_dtor", "struct page *page"),
    ("void", "mmu_gather_bug", "const char *expression"),
    ("struct ppc64_tlb_batch *", "get_cpu_var_ppc64_tlb_batch", "void"),
    ("void", "put_cpu_var_ppc64_tlb_batch", "void"),
    ("void", "_tlbia", "void"),
    ("int", "flush_hash_pages", "unsigned int context, unsigned long va, pte_t *ptep, int count"),
    ("void", "flush_hash_page", "unsigned int context, unsigned long va, int local"),
    ("void", "flush_hash_range", "unsigned long number, int local"),
    ("void", "_tlbil_pid", "unsigned int pid"),
    ("void", "_tlbivax_bcast", "unsigned long vmaddr, unsigned int pid, unsigned int ind"),
    ("void", "flush_tlb_bcast", "unsigned int context"),
    ("void", "flush_tlb_cpu", "unsigned int context"),
)  # fmt: skip

#: The one that only v2.6.37 has: there a gather is a CPU's own.
V2_6_37_SERVICES: Final = (("struct mmu_gather *", "__get_cpu_var_mmu_gathers", "void"),)
#: Those that came later: first this one, ...
V3_0_SERVICES: Final = (("int", "num_possible_cpus", "void"),)
#: ... and then those that came when gathers began to keep a range.
RANGED_SERVICES: Final = (
    ("void", "inc_tlb_flush_pending", "struct mm_struct *mm"),
    ("void", "dec_tlb_flush_pending", "struct mm_struct *mm"),
    ("int", "mm_tlb_flush_nested", "struct mm_struct *mm"),
    ("void", "synchronize_rcu", "void"),
    ("void", "free_encoded_pages_and_swap_cache", "struct encoded_page **pages, int nr"),
    ("void", "folio_remove_rmap_ptes", "struct page *page, unsigned int nr_pages"),
    ("void", "flush_tlb_range_bcast", "unsigned int context, unsigned long start, unsigned long end, int last_level"),
)  # fmt: skip

#: And those that count who shares a table.  `pt` is a struct page or a struct ptdesc, as the era has it.
UNSHARING_SERVICES: Final = (
    ("int", "ptdesc_pmd_is_shared", "void *pt"),
    ("void", "ptdesc_pmd_pts_dec", "void *pt"),
)


def function_names(era: str = DEFAULT_ERA, /) -> tuple[str, ...]:
    """Every function that a port may provide in an era; what other callers ask for, since gathers keep a range."""
    of = contract.contract_of(era)
    return (*of.generic_half, *of.arch_half, *of.hash64_half, *(of.other_callers if is_ranged(era) else ()))


def services(era: str = DEFAULT_ERA, /) -> tuple[tuple[str, str, str], ...]:
    """The kernel's services that a port of an era may ask for: result, name, parameters."""
    at = CONTRACT_ERAS.index(era)
    earlier = V2_6_37_SERVICES if at == 0 else ()
    return earlier + tuple(
        service
        for since, group in (
            (CONTRACT_ERAS[0], SERVICES),
            ("v3.0", V3_0_SERVICES),
            (RANGED, RANGED_SERVICES),
            (UNSHARING, UNSHARING_SERVICES),
        )
        for service in group
        if at >= CONTRACT_ERAS.index(since)
    )


def crossings(era: str = DEFAULT_ERA, /) -> tuple[str, ...]:
    """Those that one half calls in the other."""
    return tuple(name for name in CROSSINGS if name in contract.functions(era))


def range_members(era: str, /) -> tuple[str, ...]:
    """What an arch's tlb_flush() may look at of a gather of an era; nothing before gathers keep a range."""
    if not is_ranged(era):
        return ()
    return RANGE + (UNSHARED if CONTRACT_ERAS.index(era) >= CONTRACT_ERAS.index(UNSHARING) else ())


def is_ranged(era: str, /) -> bool:
    """Whether an era's gather keeps a range."""
    return CONTRACT_ERAS.index(era) >= CONTRACT_ERAS.index(RANGED)
