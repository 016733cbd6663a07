# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The kernel that answers: what stands behind the services of `kernel`, and who sets it up.

A port never imports this.  It calls the services by the kernel's names, and each of them asks the kernel that is
running now, by one method.  Whoever runs a port brings such a kernel and sets it up with `booted()`; so the suite's
kernel, one of a test, and one that a user writes are all the same to a port.

What this file must not know: what a service means.  That is said where the service is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, Protocol

from mmu_gather_spec.answering_archs import ArchKernel
from mmu_gather_spec.percpu import ppc64_tlb_batch
from mmu_gather_spec.words import (
    atomic_t,
    kaddr,
    mm_struct,
    page_p,
    rcu_callback_t,
    rcu_head_p,
    smp_call_func_t,
    table_p,
)


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
    def pt_share_count(self, table: int, /) -> int: ...
    def pt_share_count_dec(self, table: int, /) -> None: ...
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
        raise RuntimeError("no kernel is running: call a port through the suite, or inside answering.booted()")
    return _kernel
