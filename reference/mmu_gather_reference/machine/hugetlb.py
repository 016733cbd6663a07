# SPDX-License-Identifier: GPL-2.0-only
"""The other address space of a shared PMD table, when it owns the table alone.

It waits for the lock of the mapping.  Then the table is its own: it may unmap what is in it, map something else, or
free it, and no walker of an address space that has left is waited for any more.

What it stands for: whatever it does, as one step, on a CPU of its own.  What it leaves out: what becomes of the table
while others share it, which is nothing that anybody could be wrong about; and that it, too, may leave.
"""

from __future__ import annotations

from collections.abc import Sequence

from mmu_gather_spec.events import ReusePmd

from mmu_gather_reference.machine.gup import Steps


def reuse_pmd(cpu: int, agent: str, tables: Sequence[int]) -> Steps:
    """For each table: use it for something else, behind the lock of the mapping"""
    for table in tables:
        yield (ReusePmd(cpu, agent, table),)
