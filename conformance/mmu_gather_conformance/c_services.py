# SPDX-License-Identifier: GPL-2.0-only
"""The kernel's services as a library in C calls them: each takes C's words and calls the service of that name.

What a service means is `mmu_gather_spec.kernel`'s; what a pointer stands for is the port's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mmu_gather_spec import kernel, kernel_earlier, kernel_later
from mmu_gather_spec.words import encoded_page_p, nr_pages_t, page_p, ptdesc_p, rcu_head_p, table_p

from mmu_gather_conformance import c_tables
from mmu_gather_conformance.c_gather import CGather
from mmu_gather_conformance.c_hash_batch import CHashBatch

if TYPE_CHECKING:
    from mmu_gather_conformance.c_mirrors import CData
    from mmu_gather_conformance.c_port import CPort


def of(port: CPort, /) -> dict[str, Callable[..., Any]]:
    """The kernel's services as callbacks, by name."""
    hash_batch = CHashBatch(port)

    def pages(gfp_mask: int, order: int) -> int:
        page = kernel.__get_free_pages(gfp_mask, order)
        return 0 if page is None else page.value

    def hash_pages(context: int, va: int, ptep: CData, count: int) -> int:
        result = kernel.flush_hash_pages(context, va, port.pte_at(ptep), count)
        port.show_pte(ptep)
        return result

    def let_go(slots: CData, nr: int) -> None:
        kernel.free_pages_and_swap_cache([page_p(word) for word in port.words(slots, nr)], nr)

    def let_go_encoded(slots: CData, nr: int) -> None:
        kernel_later.free_encoded_pages_and_swap_cache([encoded_page_p(word) for word in port.words(slots, nr)], nr)

    def remove_rmaps(page: CData, nr_pages: int) -> None:
        kernel_later.folio_remove_rmap_ptes(page_p(port.number(page)), nr_pages_t(nr_pages))

    def table(pt: CData) -> ptdesc_p:
        return ptdesc_p(port.number(pt))

    def this_cpus_gather() -> CData:
        size = port.ops.sizeof_mmu_gather
        return kernel_earlier.per_cpu("mmu_gathers", lambda: CGather(port, size, 0)).address

    def some(mask: int, func: CData, info: CData, wait: int) -> int:
        cpus = frozenset(cpu for cpu in range(64) if mask >> cpu & 1)
        return kernel.smp_call_function_many(cpus, port.ipi_handler(func, info), None, wait)

    def every(func: CData, info: CData, wait: int) -> int:
        return kernel.smp_call_function(port.ipi_handler(func, info), None, wait)

    def head(address: CData) -> rcu_head_p:
        return rcu_head_p(port.number(address))

    known: dict[str, Callable[..., Any]] = {**vars(kernel_later), **vars(kernel)}
    plain = {name: known[name] for _, name, _ in c_tables.services(port.era) if name in known}
    return plain | {
        "__get_free_pages": pages,
        "kmem_cache_free": lambda index, obj: kernel.kmem_cache_free(index, table_p(port.number(obj))),
        "call_rcu_sched": lambda at, func: kernel.call_rcu_sched(head(at), port.rcu_callback(func)),
        "call_rcu": lambda at, func: kernel.call_rcu(head(at), port.rcu_callback(func)),
        "smp_call_function": every,
        "smp_call_function_many": some,
        "atomic_read": lambda counter: kernel.atomic_read(port.counter(counter)),
        "mm_cpumask": lambda mm: sum(1 << cpu for cpu in kernel.mm_cpumask(port.mm_at(mm))),
        "inc_tlb_flush_pending": lambda mm: kernel_later.inc_tlb_flush_pending(port.mm_at(mm)),
        "dec_tlb_flush_pending": lambda mm: kernel_later.dec_tlb_flush_pending(port.mm_at(mm)),
        "mm_tlb_flush_nested": lambda mm: kernel_later.mm_tlb_flush_nested(port.mm_at(mm)),
        "free_pages_and_swap_cache": let_go,
        "free_encoded_pages_and_swap_cache": let_go_encoded,
        "folio_remove_rmap_ptes": remove_rmaps,
        "ptdesc_pmd_is_shared": lambda pt: int(kernel_later.ptdesc_pmd_is_shared(table(pt))),
        "ptdesc_pmd_pts_dec": lambda pt: kernel_later.ptdesc_pmd_pts_dec(table(pt)),
        "page_address": lambda page: port.pointer(kernel.page_address(page_p(port.number(page))).value),
        "pgtable_page_dtor": lambda page: kernel.pgtable_page_dtor(page_p(port.number(page))),
        "mmu_gather_bug": lambda text: kernel.BUG_ON(True, port.text(text)),
        "__get_cpu_var_mmu_gathers": this_cpus_gather,
        "get_cpu_var_ppc64_tlb_batch": hash_batch.take,
        "put_cpu_var_ppc64_tlb_batch": hash_batch.put,
        "flush_hash_pages": hash_pages,
        "flush_hash_range": lambda number, local: kernel.flush_hash_range(hash_batch.copy_back(), number, local),
    }
