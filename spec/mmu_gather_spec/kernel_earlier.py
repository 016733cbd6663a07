# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The kernel's services that only v2.6.37 asks for: a gather and a batch of tables were a CPU's own.

What a CPU has belongs to the kernel, as everything does that another gather may find; a port names it and says how
it begins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from mmu_gather_spec.answering import running
from mmu_gather_spec.words import mm_struct

T_ = TypeVar("T_")


def per_cpu(name: str, zeroed: Callable[[], T_], /) -> T_:
    """`__get_cpu_var(name)`: what this CPU has under a name; `zeroed` makes it as the machine comes up.

    instant.  worth something only while preemption is off.
    """
    found: T_ = running().per_cpu(name, zeroed)
    return found


def mm_cpumask_is_this_cpu(mm: mm_struct, /) -> bool:
    """`cpumask_equal(mm_cpumask(mm), cpumask_of(smp_processor_id()))`: no other CPU has run the mm.

    answered as `mm_cpumask`.  worth something only while preemption is off: else it is no event, and excuses nobody.
    """
    return running().mm_cpumask_is_this_cpu(mm)
