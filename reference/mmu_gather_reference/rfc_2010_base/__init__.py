# SPDX-License-Identifier: GPL-2.0-only
"""What the seed deletes: powerpc's own batching of tables, kept in the gather.

`asm_generic_tlb` is include/asm-generic/tlb.h without a word of tables; `pgtable` is the part of
arch/powerpc/mm/pgtable.c that the patch removes; and each `tlb_*` file is one arch's tlb_flush(),
whose last act is to submit the batch.  The seed's removed lines are all here.
"""
