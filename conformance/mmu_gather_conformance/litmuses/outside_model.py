# SPDX-License-Identifier: GPL-2.0-only
"""What no litmus here can ask, and why: listed, so that its absence is not taken for an answer.

The machine is sequentially consistent between effects, has no store buffers, no clocks, and only those parts of the
kernel that a rule reads.  Defects of the seed that a recording or a build shows by itself need no interleaving, and
are not here.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.record import record


@record(frozen=True, slots=True)
class Outside:
    """A known weakness of the seed's design that cannot be asked about."""

    name: str
    #: its number among the weaknesses of the seed; those that a rule knows are in the spec's errata
    number: str
    #: what would happen, as a litmus would have it
    shape: str
    reason: str
    #: the litmus that comes nearest; empty for none
    nearest: str = ""


OUTSIDE_MODEL: Final = (
    Outside(
        "users-read-before-unlink-is-seen",
        "S18",
        "Unmap: entry = none; r1 = mm_users.  Other: mm_users = 2; r2 = entry.  Forbidden: r1 = 1 and r2 = the table.",
        "It is the store-buffer shape: each side reads before its own store is seen.  Every order of effects that is "
        "searched here has one store first, so the other side sees it; POWER and even TSO allow more without full "
        "barriers.",
        "late-user",
    ),
    Outside(
        "freed-out-of-order",
        "S12",
        "A PTE table is queued; users fall below two; the PMD table above it is freed at once, before it.",
        "No agent goes from a table to the one above it, so that order breaks no rule.  The search takes these ways, "
        "and has nothing to say about them.",
        "late-user-two-tables",
    ),
    Outside(
        "memory-that-waits-for-ever",
        "S17",
        "Tables are unmapped faster than grace periods end.",
        "A litmus has a few tables and every grace period ends.  How many may wait is a matter of rates, and there is "
        "no clock.",
        "batch-full-and-one-more",
    ),
)
