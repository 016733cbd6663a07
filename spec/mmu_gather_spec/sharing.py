# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Address spaces that share a PMD table of huge pages: one leaves it, and the last may use it for something else.

Such a table is not freed by who leaves it.  It stays as it is, and yet it is as dangerous as a freed one: whoever of
the address space that has left is still in it may find there what is another's by now.  What keeps the others from
using it anew is the lock of the mapping, i_mmap_rwsem, which who leaves holds for writing.
"""

from __future__ import annotations

from mmu_gather_spec.event import Event
from mmu_gather_spec.record import record


@record(frozen=True, slots=True)
class UnsharePmd(Event):
    """huge_pmd_unshare() cleared the entry above `table`, which others map as well; the mapping's lock is held."""

    table: int
    context: int
    #: the user addresses that it maps: the first, and the one behind the last
    span: tuple[int, int]
    #: CPUs that may hold the way to it
    cpus: frozenset[int]
    #: those of them on which a translation that was read in it may still be used
    used: frozenset[int]
    #: how many other address spaces map it
    others: int


@record(frozen=True, slots=True)
class ShareCount(Event):
    """ptdesc_pmd_pts_dec(): the count of those that share `table` fell to `left`; 0 where one owns it alone."""

    table: int
    left: int


@record(frozen=True, slots=True)
class UnlockMapping(Event):
    """i_mmap_unlock_write(): who waited for the lock may go on."""


@record(frozen=True, slots=True)
class ReusePmd(Event):
    """Who owns `table` alone now uses it for something else; with the lock of the mapping, which was free."""

    table: int
