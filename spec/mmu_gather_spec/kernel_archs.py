# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The kernel's services that only one architecture of the later eras asks for: s390's context of an mm.

What a context holds is the mm's: every gather on the mm finds it, and so does whoever comes to run the mm.  So it
belongs to the kernel, behind these calls, and no gather can have it to itself.

source: arch/s390/include/asm/mmu.h (6.12), `mm_context_t`.
"""

from __future__ import annotations

from mmu_gather_spec.kernel import running
from mmu_gather_spec.words import mm_struct, unsigned_int


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
