# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What single architectures of the later eras ask of a kernel, beside what `answering.Kernel` has for all.

The services that end here are in `kernel_archs`.
"""

from __future__ import annotations

from typing import Protocol

from mmu_gather_spec.percpu import tlb_batch
from mmu_gather_spec.words import mm_struct


class ArchKernel(Protocol):
    """One method for each service: sparc64's first, then s390's."""

    def get_tlb_batch(self, pinned: bool, /) -> tlb_batch: ...
    def put_tlb_batch(self) -> None: ...
    def flush_tsb(self, op: str, mm: mm_struct, vaddrs: tuple[int, ...], /) -> None: ...
    def cpu_attach_mask_is_this_cpu(self, mm: mm_struct, /) -> bool: ...
    def context_lock(self, held: bool, /) -> None: ...
    def flush_mm(self, mm: mm_struct, /) -> bool: ...
    def set_flush_mm(self, mm: mm_struct, on: bool, /) -> None: ...
