# SPDX-License-Identifier: GPL-2.0-only
"""Pages of user data: a TLB, or the hash table behind it, may lead to them until the flush."""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.litmus import Litmus, gather, runs
from mmu_gather_conformance.scenario import Flush, Page, Table

LITMUSES: Final = (
    Litmus(
        "access-flush-between",
        "A flush in the middle frees the first page; the second waits for the flush at the end.",
        (gather(0, Page(), Flush(), Page()), runs(0, "access", page="a1")),
        sister="access-flush-between-one-cpu",
        forbidden="walk.no-access-to-a-freed-page",
    ),
    Litmus(
        "access-flush-between-one-cpu",
        "A flush in the middle does not mend fast mode: what is unmapped after it is freed too soon again (S6).",
        (gather(0, Page(), Flush(), Page()), runs(0, "access", page="a1")),
        spare=False,
        sister="access-flush-between",
        forbidden="walk.no-access-to-a-freed-page",
    ),
    Litmus(
        "access-whole-mm",
        "The reaper tears a whole mm down while a thread still runs, whose translations need not be flushed then.",
        (gather(0, Page(), whole=True), runs(1, "access", page="a0")),
        sister="access-part-of-mm",
        forbidden="gather.whole-mm-unused",
    ),
    Litmus(
        "access-part-of-mm",
        "Gathered as a part of it, which is how the reaper does it since, the same page is flushed first.",
        (gather(0, Page()), runs(1, "access", page="a0")),
        sister="access-whole-mm",
        forbidden="gather.whole-mm-unused",
    ),
    Litmus(
        "hash-filled",
        "The hash-fault handler and a TLB fill chase each other, and the flush comes after both or before both.",
        (gather(0, Page(), Table()), runs(1, "hash_page", "a0", page="a0"), runs(2, "access", page="a0")),
        archs=("hash32", "hash64"),
        sister="hash-filled-unlocked",
        forbidden="walk.no-access-to-a-freed-page",
    ),
    Litmus(
        "hash-filled-unlocked",
        "A handler that does not lock the PTE copies a translation that was flushed a moment ago.",
        (gather(0, Page(), Table()), runs(1, "hash_page_unlocked", "a0", page="a0"), runs(2, "access", page="a0")),
        archs=("hash32", "hash64"),
        sister="hash-filled",
        forbidden="walk.no-access-to-a-freed-page",
    ),
    Litmus(
        "page-after-flush",
        "With two CPUs online a page is let go only after its translations.",
        (gather(0, Page()), runs(0, "access", page="a0")),
        sister="page-after-flush-one-cpu",
        forbidden="order.page-freed-after-flush",
    ),
    Litmus(
        "page-after-flush-one-cpu",
        "With one CPU online it is the other way round, in every interleaving (S6).",
        (gather(0, Page()), runs(0, "access", page="a0")),
        spare=False,
        sister="page-after-flush",
        forbidden="order.page-freed-after-flush",
    ),
)
