# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""`struct mmu_gather` in a contract: whichever struct the port declares.

The generic half declares the struct, and its functions look into it; so a port's functions take the port's own
class, and `GenericHalf[port.mmu_gather]` is the contract that they are held to.  An arch half that looks at no more
than `tlb->mm` takes `words.mmu_gather`.
"""

from __future__ import annotations

from typing import TypeVar

from mmu_gather_spec import words

#: It has the struct's name, so that a signature here reads as the kernel's.  Functions only take it.
mmu_gather = TypeVar("mmu_gather", bound=words.mmu_gather, contravariant=True)  # noqa: PLC0105 - the name is the struct's
