# SPDX-License-Identifier: GPL-2.0-only
"""What is weak in the seed itself, beside its errata.

S1 to S18 are one list; those that a rule knows are the errata, with their own page.  Of the others, two are seen to
here as duties of somebody else, and most are outside the model, as it says itself.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.historic.bug import Bug, How, Outside, Replay
from mmu_gather_conformance.litmuses import OUTSIDE_MODEL

TITLE: Final = "[PATCH 16/21] mm, powerpc: Move the RCU page-table freeing into generic code"


def _of_the_seed(number: str, brief: str, wrong: str, how: How) -> Bug:
    return Bug(number, 2010, "", "Peter Zijlstra", TITLE, brief, wrong, how)


_SEEN: Final = (
    _of_the_seed(
        "S4",
        "the fallback's IPI protects nobody who only keeps preemption off",
        "The seed says so itself: its fallback is no grace period. A walker that relies on one is safe as long as "
        "there is memory for batches.",
        Replay("ref", "preempt-off-reader-no-memory/hash32", "walk.fallback-is-no-grace-period"),
    ),
    _of_the_seed(
        "S9",
        "nothing checks that a table is aligned so that its shift can be hidden in the address",
        "The low bits of the address carry the shift. A table that has some of them set is freed as one of another "
        "size and at another address, and no BUG_ON() looks.",
        Replay("ref", "misaligned-table/hash64", "encoding.table-aligned"),
    ),
    _of_the_seed(
        "S16",
        "the count of tables that were freed without a batch is gone",
        "powerpc counted in pte_freelist_forced_free how often it had to do without memory. The generic code does not "
        "count.",
        Outside("A counter that the kernel never reads is no effect; a trace shows each such free.", "no-memory"),
    ),
)

BUGS: Final = tuple(
    sorted(
        (
            *_SEEN,
            *(
                _of_the_seed(each.number, each.name.replace("-", " "), each.shape, Outside(each.reason, each.nearest))
                for each in OUTSIDE_MODEL
            ),
        ),
        key=lambda bug: int(bug.number[1:]),
    )
)
