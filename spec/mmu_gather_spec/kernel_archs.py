# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The kernel's services that only one architecture of the later eras asks for: s390's context, sparc64's TLB batch.

What a context holds is the mm's: every gather on the mm finds it, and so does whoever comes to run the mm.  What a
batch holds is the CPU's.  So both belong to the kernel, behind these calls, and no gather can have them to itself.

source: arch/s390/include/asm/mmu.h (6.12), `mm_context_t`; arch/sparc/mm/tlb.c (6.12), `tlb_batch`.
"""

from __future__ import annotations

from collections.abc import Sequence

from mmu_gather_spec.answering import running
from mmu_gather_spec.percpu import tlb_batch
from mmu_gather_spec.words import mm_struct, ulong, unsigned_int

# --- s390 ---------------------------------------------------------------------------


def cpu_attach_mask_is_this_cpu(mm: mm_struct, /) -> bool:
    """`cpumask_equal(&mm->context.cpu_attach_mask, cpumask_of(smp_processor_id()))`: it runs nowhere else now.

    answered: as the mm is attached, everywhere or here; preemption is off.
    """
    return running().cpu_attach_mask_is_this_cpu(mm)


def spin_lock_context(mm: mm_struct, /) -> None:
    """`spin_lock(&mm->context.lock)`.  blocking; any context but an interrupt; preemption is off from here on."""
    running().context_lock(True)


def spin_unlock_context(mm: mm_struct, /) -> None:
    """`spin_unlock(&mm->context.lock)`.  instant."""
    running().context_lock(False)


def flush_mm(mm: mm_struct, /) -> bool:
    """`mm->context.flush_mm`: whether something of the mm has to be dropped yet.

    answered: as it is set, or, where there are other gathers on the mm, either.
    """
    return running().flush_mm(mm)


def set_flush_mm(mm: mm_struct, value: unsigned_int, /) -> None:
    """`mm->context.flush_mm = value`.  instant; while it is set, who comes to run the mm flushes it first."""
    running().set_flush_mm(mm, bool(value))


# --- sparc64 ------------------------------------------------------------------------


def get_cpu_var_tlb_batch() -> tlb_batch:
    """`get_cpu_var(tlb_batch)`: this CPU's batch; no migration until `put`.  It may be held already.

    answered: the batch is empty, holds entries of this mm, or of another mm.
    """
    return running().get_tlb_batch(True)


def put_cpu_var_tlb_batch() -> None:
    """`put_cpu_var(tlb_batch)`: the task may migrate again.  instant."""
    running().put_tlb_batch()


def this_cpu_ptr_tlb_batch() -> tlb_batch:
    """`this_cpu_ptr(&tlb_batch)`: this CPU's batch, where preemption is off anyway.  instant."""
    return running().get_tlb_batch(False)


def flush_tsb_user(tb: tlb_batch, /) -> None:
    """Drop what waits in a batch from the TSB, the table in memory from which its mm's TLBs are filled.  instant."""
    assert tb.mm is not None
    running().flush_tsb("flush_tsb_user", tb.mm, tuple(tb.vaddrs[: tb.tlb_nr]))


def flush_tsb_user_page(mm: mm_struct, vaddr: ulong, hugepage_shift: unsigned_int, /) -> None:
    """Drop one entry from the TSB.  instant."""
    running().flush_tsb("flush_tsb_user_page", mm, (vaddr,))


def smp_flush_tlb_page(mm: mm_struct, vaddr: ulong, /) -> None:
    """Drop one translation on every CPU by a cross call, which is taken with interrupts off.  instant."""
    running().invalidate("smp_flush_tlb_page", mm.context_id, (vaddr,), False, False)


def __flush_tlb_pending(context: unsigned_int, nr: ulong, vaddrs: Sequence[int], /) -> None:
    """Drop the first `nr` translations on this CPU.  instant, and local."""
    running().invalidate("__flush_tlb_pending", context, tuple(vaddrs[:nr]), True, False)
