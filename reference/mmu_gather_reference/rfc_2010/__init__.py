# SPDX-License-Identifier: GPL-2.0-only
"""The seed: RCU page-table freeing in generic code, as posted on 2010-11-26.

Read `memory` beside the patch's hunk of mm/memory.c, and `asm_generic_tlb` beside its hunk of
include/asm-generic/tlb.h.  Bodies that the patch does not show are rebuilt from the later
postings of the series, and say so.
"""
