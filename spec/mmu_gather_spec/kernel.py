# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The kernel's services, by the kernel's names: all that a port may ask of the world.

A port imports these functions and so reads as kernel code.  Each hands its call to
the kernel that the suite has set up with `booted()`; that kernel writes the call
down as an event and answers it.  A service is one of three kinds, and says so:
*instant* (it has one outcome), *answered* (the kernel may answer in several ways, and
a port is held to its rules under each), *blocking* (it returns when a condition holds).

What this file must not know: how the answers are chosen.  A port must keep no state
that another CPU can see or change: that state belongs to the kernel, behind these calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NoReturn, Protocol

from mmu_gather_spec.arch_kernel import ArchKernel
from mmu_gather_spec.percpu import ppc64_tlb_batch
from mmu_gather_spec.words import (
    atomic_t,
    gfp_t,
    kaddr,
    mm_struct,
    page_p,
    pte_t,
    rcu_callback_t,
    rcu_head_p,
    signed_int,
    smp_call_func_t,
    table_p,
    ulong,
    unsigned_int,
)

# The bits of a gfp mask that the rules speak of.  source: include/linux/gfp.h of 2.6.37.
__GFP_WAIT: Final = 0x10
__GFP_HIGH: Final = 0x20
__GFP_NOWARN: Final = 0x200
#: May dip into the reserves, may not sleep.
GFP_ATOMIC: Final = __GFP_HIGH
#: May neither sleep nor dip into the reserves.
GFP_NOWAIT: Final = 0
#: May sleep: never legal where a gather allocates.
GFP_KERNEL: Final = __GFP_WAIT


class BUG(BaseException):
    """The agent that ran into `BUG()` has ended; the others go on.

    It derives from BaseException so that no port catches it by accident.
    """


class Kernel(ArchKernel, Protocol):
    """What the suite sets up: one method for each service, without the underscores.

    A class body mangles names that begin with two underscores, so the services with
    such names drop them here.
    """

    bits_per_long: int
    page_size: int
    smp: bool
    hash_table: bool

    def get_free_pages(self, gfp_mask: int, order: int, /) -> kaddr | None: ...
    def free_pages(self, addr: int, order: int, /) -> None: ...
    def kmem_cache_free(self, index: int, obj: int, /) -> None: ...
    def load(self, address: int, size: int, /) -> int: ...
    def store(self, address: int, size: int, value: int, /) -> None: ...
    def call_rcu(self, head: rcu_head_p, func: rcu_callback_t, flavour: str, /) -> None: ...
    def synchronize(self, flavour: str, /) -> None: ...
    def smp_call_function(
        self, cpus: frozenset[int] | None, func: smp_call_func_t, info: object, wait: int, /
    ) -> int: ...
    def smp_processor_id(self) -> int: ...
    def num_online_cpus(self) -> int: ...
    def preempt(self, delta: int, /) -> None: ...
    def local_irq(self, on: bool, /) -> None: ...
    def atomic_read(self, v: atomic_t, /) -> int: ...
    def mm_cpumask(self, mm: mm_struct, /) -> frozenset[int]: ...
    def free_pages_and_swap_cache(self, pages: Sequence[page_p], /) -> None: ...
    def page_address(self, page: page_p, /) -> table_p: ...
    def pgtable_page_dtor(self, page: page_p, /) -> None: ...
    def get_cpu_var(self, /) -> ppc64_tlb_batch: ...
    def put_cpu_var(self, /) -> None: ...
    def invalidate(
        self, op: str, context: int, addrs: tuple[int, ...] | None, local: bool, ind: bool,
        span: tuple[int, int] | None = None, /,
    ) -> None: ...  # fmt: skip
    def tlb_flush_pending(self, pending: bool, /) -> None: ...
    def mm_tlb_flush_nested(self) -> bool: ...
    def num_possible_cpus(self) -> int: ...
    def mm_cpumask_is_this_cpu(self, mm: mm_struct, /) -> bool: ...
    def per_cpu(self, name: str, zeroed: Callable[[], Any], /) -> Any: ...
    def remove_rmap(self, pages: tuple[page_p, ...], /) -> None: ...
    def bug(self, expression: str, /) -> NoReturn: ...


_kernel: Kernel | None = None


@contextmanager
def booted(kernel: Kernel, /) -> Iterator[None]:
    """Set `kernel` up as the one that answers, for the length of a `with`."""
    global _kernel  # noqa: PLW0603 - a machine runs one kernel
    before, _kernel = _kernel, kernel
    try:
        yield
    finally:
        _kernel = before


def running() -> Kernel:
    """The kernel that answers now.

    Errors: RuntimeError when no kernel is set up; a port was called by hand.
    """
    if _kernel is None:
        raise RuntimeError("no kernel is running: call a port through the suite, or inside kernel.booted()")
    return _kernel


# --- facts of the machine ---------------------------------------------------------


def BITS_PER_LONG() -> int:
    """The width of a word, in bits: 32 or 64.  instant; any context."""
    return running().bits_per_long


def PAGE_SIZE() -> int:
    """The size of a page, in bytes.  instant; any context.

    The suite also boots kernels with tiny pages, so that a batch fills after a few tables.
    """
    return running().page_size


def CONFIG_SMP() -> bool:
    """Whether the kernel is built for more than one CPU.  instant; any context."""
    return running().smp


def Hash() -> bool:
    """Whether a hash32 machine has a hash table (`Hash != 0`).  instant; any context.

    source: arch/powerpc/mm/tlb_hash32.c, `if (Hash == 0)`.
    """
    return running().hash_table


# --- memory -----------------------------------------------------------------------


def __get_free_page(gfp_mask: gfp_t, /) -> kaddr | None:
    """One page of kernel memory with arbitrary content, or None.  answered: page, none.

    context: any, if the mask has no `__GFP_WAIT`.
    """
    return running().get_free_pages(gfp_mask, 0)


def __get_free_pages(gfp_mask: gfp_t, order: unsigned_int, /) -> kaddr | None:
    """`1 << order` pages, or None.  answered: page, none.  context: as `__get_free_page`."""
    return running().get_free_pages(gfp_mask, order)


def free_page(addr: ulong, /) -> None:
    """Give one page back, at once.  instant; any context.  A PTE table is such a page."""
    running().free_pages(addr, 0)


def free_pages(addr: ulong, order: unsigned_int, /) -> None:
    """Give `1 << order` pages back, at once.  instant; any context."""
    running().free_pages(addr, order)


def kmem_cache_free(index: signed_int, obj: table_p, /) -> None:
    """Give a table back to the cache `PGT_CACHE(index)`, at once.  instant; any context.

    `index` is the table's index size in bits, at least 1.
    """
    running().kmem_cache_free(index, obj.value)


def load(address: int, size: int, /) -> int:
    """Read `size` bytes of kernel memory at `address`: what `*p` is in C.

    errors: an access outside a page, or to a page that was given back, is a fault.
    """
    return running().load(address, size)


def store(address: int, size: int, value: int, /) -> None:
    """Write `size` bytes of kernel memory at `address`: what `*p = value` is in C."""
    running().store(address, size, value)


# --- RCU --------------------------------------------------------------------------


def call_rcu_sched(head: rcu_head_p, func: rcu_callback_t, /) -> None:
    """Call `func(head)` in softirq, on any CPU, after a grace period.  instant.

    The grace period is one that regions with IRQs off or preemption off hold back.
    source: the seed, "We use the sched RCU variant".
    """
    running().call_rcu(head, func, "sched")


def call_rcu(head: rcu_head_p, func: rcu_callback_t, /) -> None:
    """Call `func(head)` after a grace period.  instant; any context.

    Before v5.0 only `rcu_read_lock` holds it back: it does not wait for a walker that merely has IRQs off.
    Since then the flavours are one, and it waits for both.
    """
    running().call_rcu(head, func, "rcu")


def synchronize_sched() -> None:
    """Wait for a sched grace period.  blocking; process context, IRQs on, may sleep."""
    running().synchronize("sched")


# --- other CPUs -------------------------------------------------------------------


def smp_call_function(func: smp_call_func_t, info: object, wait: signed_int, /) -> int:
    """Run `func(info)` by IPI on every other online CPU; with `wait`, until all have.

    blocking where `wait`; IRQs on, not in softirq.  On UP: nothing, and 0.
    source: kernel/smp.c, "Can deadlock when called with interrupts disabled".
    """
    return running().smp_call_function(None, func, info, wait)


def smp_call_function_many(mask: frozenset[int], func: smp_call_func_t, info: object, wait: signed_int, /) -> int:
    """As `smp_call_function`, on the CPUs of `mask` other than this one."""
    return running().smp_call_function(mask, func, info, wait)


def smp_processor_id() -> int:
    """The CPU this runs on; worth something only while preemption is off.  instant."""
    return running().smp_processor_id()


def num_online_cpus() -> int:
    """How many CPUs are online now; may change at once.  answered: 2, 1."""
    return running().num_online_cpus()


def preempt_disable() -> None:
    """Hold off preemption on this CPU.  Nests.  instant."""
    running().preempt(+1)


def preempt_enable() -> None:
    """Undo one `preempt_disable`.  instant."""
    running().preempt(-1)


def local_irq_disable() -> None:
    """Take no interrupt on this CPU from now on.  instant."""
    running().local_irq(False)


def local_irq_enable() -> None:
    """Take interrupts again; those that were held off arrive now.  instant."""
    running().local_irq(True)


# --- the address space ------------------------------------------------------------


def atomic_read(v: atomic_t, /) -> int:
    """What a counter holds now; may change at once, and orders nothing.

    answered, for `mm_users`: 0, 1, 2, 3.  It is 0 in every `exit_mmap`.
    """
    return running().atomic_read(v)


def mm_cpumask(mm: mm_struct, /) -> frozenset[int]:
    """The CPUs that may hold translations of `mm`.  answered: this CPU only, two CPUs."""
    return running().mm_cpumask(mm)


def free_page_and_swap_cache(page: page_p, /) -> None:
    """Drop a page of user data and its swap cache, at once.  instant."""
    running().free_pages_and_swap_cache((page,))


class PageSlots(Protocol):
    """`struct page **`: wherever the slots are."""

    def __getitem__(self, index: int, /) -> page_p: ...


def free_pages_and_swap_cache(pages: PageSlots, nr: signed_int, /) -> None:
    """Drop the first `nr` of `pages`, in their order.  instant."""
    running().free_pages_and_swap_cache(tuple(pages[i] for i in range(nr)))


def page_address(page: page_p, /) -> table_p:
    """The address of the memory behind `page`.  instant; any context."""
    return running().page_address(page)


def pgtable_page_dtor(page: page_p, /) -> None:
    """Tear down the lock and the accounting of a PTE page.  instant."""
    running().pgtable_page_dtor(page)


def BUG_ON(condition: bool, expression: str = "", /) -> None:
    """End this agent if `condition` holds.  It never returns then; its locks stay held.

    `expression` is the text to report; the C macro takes it from its argument.
    """
    if condition:
        running().bug(expression)


# --- invalidating translations ------------------------------------------------------


def get_cpu_var_ppc64_tlb_batch() -> ppc64_tlb_batch:
    """`get_cpu_var(ppc64_tlb_batch)`: this CPU's batch; no migration until `put`.

    answered: the batch is empty, holds entries of this mm, or of another mm.
    """
    return running().get_cpu_var()


def put_cpu_var_ppc64_tlb_batch() -> None:
    """`put_cpu_var(ppc64_tlb_batch)`: the task may migrate again.  instant."""
    running().put_cpu_var()


def _tlbia() -> None:
    """Invalidate the whole TLB: hash32 without a hash table.  instant."""
    running().invalidate("_tlbia", -1, None, False, False)


def flush_hash_pages(context: unsigned_int, va: ulong, ptep: pte_t, count: signed_int, /) -> int:
    """hash32: drop `count` entries of the hash table from `va` on, on all CPUs.  instant.

    It reads the Linux PTE, so the PTE table must still be there.
    source: arch/powerpc/mm/tlb_hash32.c.
    """
    page_size = PAGE_SIZE()
    addrs = tuple(va + i * page_size for i in range(count))
    running().invalidate("flush_hash_pages", context, addrs, False, False)
    ptep.flags &= ~0x2
    return 0


def flush_hash_page(context: unsigned_int, va: ulong, local: signed_int, /) -> None:
    """hash64: drop one entry of the hash table and its translations.  instant.

    `local`: no other CPU has run the context, so no other CPU is told.
    """
    running().invalidate("flush_hash_page", context, (va,), bool(local), False)


def flush_hash_range(batch: ppc64_tlb_batch, number: ulong, local: signed_int, /) -> None:
    """hash64: drop the first `number` entries of a batch.  instant."""
    addrs = tuple(batch.vaddr[:number])
    context = batch.mm.context_id if batch.mm else 0
    running().invalidate("flush_hash_range", context, addrs, bool(local), False)


def _tlbil_pid(pid: unsigned_int, /) -> None:
    """nohash: drop this CPU's translations of one context.  instant, and local."""
    running().invalidate("_tlbil_pid", pid, None, True, False)


def _tlbivax_bcast(vmaddr: ulong, pid: unsigned_int, ind: unsigned_int, /) -> None:
    """nohash: drop one translation on every CPU by broadcast; no CPU is interrupted.

    `ind`: the indirect entry, which Book3E's hardware walker reads.  instant.
    """
    running().invalidate("_tlbivax_bcast", pid, (vmaddr,), False, bool(ind))


def flush_tlb_bcast(context: unsigned_int, /) -> None:
    """Drop the translations and the walk caches of one context on every CPU; nobody is interrupted.

    instant: it returns when every CPU has done so.
    """
    running().invalidate("flush_tlb_bcast", context, None, False, True)


def flush_tlb_cpu(context: unsigned_int, /) -> None:
    """The control's flush: drop this CPU's translations of one context.  instant."""
    running().invalidate("flush_tlb_cpu", context, None, True, True)
