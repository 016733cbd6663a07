# SPDX-License-Identifier: GPL-2.0-only
"""Callers that break their own rules: each must be seen to, whatever the port does about it.

These test the monitors of the rules that bind a caller.  The port is not judged on them: after the
caller's fault anything may happen.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.arch import SHARING

from mmu_gather_conformance.scenario import (
    Access,
    Again,
    Direct,
    Finish,
    FlushUnshared,
    Gather,
    GatherVma,
    Page,
    Scenario,
    Table,
    Unshare,
)

SCENARIOS: Final = (
    Scenario(
        "table-still-linked",
        "A table is given that its parent still points to.",
        (Gather(), Table(unlinked=False), Finish()),
        sizes=("real",),
        misuse="order.unhooked-before-given",
    ),
    Scenario(
        "misaligned-table",
        "A table's address has bits set that hold the shift; nothing checks that at run time.",
        (Gather(), Direct(misaligned=8), Finish()),
        archs=("hash64", "nohash"),
        configs=("", "up"),
        sizes=("real",),
        misuse="encoding.table-aligned",
    ),
    Scenario(
        "table-given-twice",
        "The same table is given twice, and so freed twice.",
        (Gather(), Table(), Again(), Finish()),
        sizes=("real",),
        misuse="batch.freed-exactly-once",
    ),
    Scenario(
        "finish-without-gather",
        "A gather is finished that was never begun.",
        (Finish(),),
        sizes=("real",),
        misuse="gather.finished-once",
    ),
    Scenario(
        "gather-left-unfinished",
        "A gather is begun, used, and forgotten.",
        (Gather(), Page(), Table()),
        sizes=("real",),
        misuse="gather.finished-once",
    ),
    Scenario(
        "whole-mm-in-use",
        "A gather of the whole mm is begun while a thread of it still runs.",
        (Gather(fullmm=True), Page(), Table(), Access(), Finish()),
        sizes=("real",),
        misuse="gather.whole-mm-unused",
        since="v3.0",
    ),
    Scenario(
        "vma-still-attached",
        "A table is given while its VMA can still be found through the reverse maps.",
        (Gather(attached=True), Table(), Finish()),
        sizes=("real",),
        misuse="gather.vma-detached-first",
    ),
    Scenario(
        "unlocked-without-flush",
        "A shared table is left, and the lock of the mapping is dropped without the flush.",
        (GatherVma(), Unshare(), FlushUnshared(called=False), Finish()),
        archs=SHARING,
        sizes=("real",),
        misuse="order.unshared-flushed-before-unlock",
        since="v6.1",
    ),
)
