# SPDX-License-Identifier: GPL-2.0-only
"""Linux 2.6.37: powerpc's own batching of tables, one batch for each CPU, with preemption off during a gather.

Read `asm_generic_tlb` beside include/asm-generic/tlb.h, `pgtable` beside arch/powerpc/mm/pgtable.c, and each `tlb_*`
beside the file of its arch.  It is the kernel that the seed's series begins with; a gather is a CPU's, too.
Its text was not at hand: what is here was put together from notes taken of it, and from the seed's removed lines.
"""
