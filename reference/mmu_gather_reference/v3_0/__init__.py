# SPDX-License-Identifier: GPL-2.0-only
"""Linux 3.0: the seed as it was merged, with pages in a chain of batches and every field written.

Read `memory` beside mm/memory.c, and `asm_generic_tlb` beside include/asm-generic/tlb.h, of v3.0.
Its text was not at hand: what is here was put together from notes taken of it, and from its neighbours.
"""
