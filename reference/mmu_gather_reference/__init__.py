# SPDX-License-Identifier: GPL-2.0-only
"""The reference implementation, one package for each era, and the simulated machine.

Each era is complete in itself and meant to be read beside the kernel's file of the same name.
Nothing here judges: an era package mirrors its code with its defects, and the rules say
which of them are known.
"""

from __future__ import annotations

from typing import Final

#: The generic half of each era: the modules of its package, a later one before an earlier where both have a name.
GENERIC: Final[dict[str, tuple[str, ...]]] = {
    "v2.6.37": ("asm_generic_tlb",),
    "rfc-2010-base": ("asm_generic_tlb",),
    "rfc-2010": ("asm_generic_tlb", "memory"),
    "v3.0": ("asm_generic_tlb", "memory"),
    "v4.19": ("asm_generic_tlb", "memory"),
    "v5.7": ("asm_generic_tlb", "mmu_gather"),
    "v6.1": ("asm_generic_tlb", "mmu_gather"),
    "v6.12": ("asm_generic_tlb", "mmu_gather"),
    "v7.0": ("asm_generic_tlb", "mmu_gather"),
}
#: Eras in which powerpc batches tables by itself: part of its arch half is in the era's package.
ARCH_IN_ERA: Final = frozenset({"v2.6.37", "rfc-2010-base"})


def package(era: str, /) -> str:
    """The package of an era."""
    return f"{__name__}.{era.replace('-', '_').replace('.', '_')}"
