# SPDX-License-Identifier: GPL-2.0-only
"""Pages of user data: a TLB, or the hash table behind it, may lead to them until the flush."""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.litmus import Litmus, gather, runs
from mmu_gather_conformance.scenario import Flush, Page

LITMUSES: Final = (
    Litmus(
        "access",
        "Another CPU has the page in its TLB, or fills it from where hardware looks, until the flush.",
        (gather(0, Page()), runs(1, "access", page="a0")),
        sister="access-one-cpu",
        forbidden="walk.no-access-to-a-freed-page",
    ),
    Litmus(
        "access-two-pages",
        "A flush in the middle frees the first page; the second waits for the next.",
        (gather(0, Page(), Flush(), Page()), runs(1, "access", page="a0"), runs(2, "access", page="a1")),
        sister="access-two-pages-one-cpu",
        forbidden="walk.no-access-to-a-freed-page",
    ),
)
