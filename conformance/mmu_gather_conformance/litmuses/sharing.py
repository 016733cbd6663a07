# SPDX-License-Identifier: GPL-2.0-only
"""A shared PMD table that is left: who still walks the address space that has left it, while another uses it anew.

The owner waits for the mapping's lock and for nothing else.  So whatever may still lead to the table has to be gone,
and whoever is in it has to be out of it, before that lock is dropped.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.arch import SHARING

from mmu_gather_conformance.litmus import Gathers, Litmus, runs
from mmu_gather_conformance.scenario import Finish, FlushUnshared, GatherVma, Unshare

#: hugetlb leaves one table, under the lock of the mapping.
LEAVES: Final = Gathers(0, (GatherVma(), Unshare(), FlushUnshared(), Finish()))

LITMUSES: Final = (
    Litmus(
        "unshare-gup-fast",
        "A walker with IRQs off is in a table that is left, and the last other owner uses it for something else.",
        (LEAVES, runs(1, "gup_fast", "a0"), runs(2, "reuse_pmd", "a0")),
        archs=SHARING,
        sister="unshare-reader",
        forbidden="walk.never-a-reused-table",
    ),
    Litmus(
        "unshare-reader",
        "The same walk under rcu_read_lock() alone: it takes the interrupt in its middle, and goes on.",
        (LEAVES, runs(1, "rcu_reader", "a0"), runs(2, "reuse_pmd", "a0")),
        archs=SHARING,
        sister="unshare-gup-fast",
        forbidden="walk.unsharing-is-no-grace-period",
    ),
    Litmus(
        "unshare-hardware",
        "Hardware has cached the way to the table; nobody waits for it, so that the way has to go.",
        (LEAVES, runs(1, "mmu", "a0"), runs(2, "reuse_pmd", "a0")),
        archs=SHARING,
        sister="unshare-reader",
        forbidden="walk.never-a-reused-table",
    ),
)
