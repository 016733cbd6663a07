# SPDX-License-Identifier: GPL-2.0-only
"""The historic corpus: what went wrong with this mechanism in the kernel, and whether this suite would have said so.

A suite is worth what it finds.  Mutants show that each rule can be broken; these are the ways in which it was,
in sixteen years and on other architectures, mostly by people who knew the law.  So each entry names a rule, a port
and a case, and a test runs it.  A bug of a later kernel is told with the code of this era: what is left of
it is one omission in the reference.

What no run here can show is told as well, with what the model would need.  The table is the whole of what was
looked at, and not a choice of what is found.

A file for each group: the way of a table through the gather; what an architecture adds; tables that are taken away
without the gather; pages; who still holds the mm; and what is left of the seed's own weaknesses beside its errata.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.historic import architectures, elsewhere, lazy, pages, seed, table_path
from mmu_gather_conformance.historic.bug import Bug, How, Outside, Replay, Shown

#: In the order of their numbers; what was found after they were given stands with its like.
GROUPS: Final = (table_path, architectures, elsewhere, pages, lazy, seed)

#: Every entry, by its number.
HISTORIC: Final[dict[str, Bug]] = {bug.number: bug for group in GROUPS for bug in group.BUGS}

__all__ = ["GROUPS", "HISTORIC", "Bug", "How", "Outside", "Replay", "Shown"]
