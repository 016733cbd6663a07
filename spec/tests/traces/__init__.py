# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Hand-written traces, a file for each family of rules: what each rule accepts and what it rejects.

A trace here is as short as its rule allows, and a rejected one ends with the offending event.
"""

from __future__ import annotations

from typing import Final

from traces import (
    arch_flush,
    at_once,
    batch,
    callback,
    configuration,
    encoding,
    flush_mm,
    flushing,
    gather,
    hardware,
    index,
    invalidation,
    lazy_mode,
    locks,
    ordering,
    preemption,
    progress,
    pte_page,
    ranges,
    reuse,
    reverse_maps,
    separation,
    sharing,
    tlb_batch,
    unbatched,
    waiting,
    walkers,
    whole_mm,
)
from traces.alphabet import Case

CASES: Final[tuple[Case, ...]] = (
    *ordering.CASES, *flushing.CASES, *separation.CASES, *unbatched.CASES, *walkers.CASES, *batch.CASES,
    *callback.CASES, *progress.CASES, *encoding.CASES, *gather.CASES, *arch_flush.CASES, *configuration.CASES,
    *hardware.CASES, *preemption.CASES, *pte_page.CASES, *lazy_mode.CASES,
    *invalidation.CASES, *at_once.CASES, *waiting.CASES, *ranges.CASES, *reverse_maps.CASES, *sharing.CASES,
    *reuse.CASES, *flush_mm.CASES, *index.CASES, *tlb_batch.CASES, *whole_mm.CASES, *locks.CASES,
)  # fmt: skip
