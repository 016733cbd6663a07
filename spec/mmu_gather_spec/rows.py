# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Every row of the research notes, and what became of it: the 84 invariants that the kernel's own sources state.

Most rows are rules, which name them (`Rule.row`).  What is here is the rest: rows that another row's rule checks, and
rows that are outside the model, each with the reason.  So nothing that was once read is silently left out.
"""

from __future__ import annotations

from typing import Final

#: How many rows each family has.
COUNTS: Final[dict[str, int]] = {"A": 16, "B": 15, "C": 6, "D": 12, "E": 7, "F": 7, "G": 11, "H": 10}

#: Rows that say what another rule asks for already: the rule, and why it is enough.
CHECKED_BY: Final[dict[str, tuple[str, str]]] = {
    "A4": ("walk.hardware-never-a-freed-table", "it is the permission for those to whom that rule does not apply"),
    "B14": ("separation.unshared-waited-for", "of tables that are kept and used again only shared ones play here"),
    "E7": ("progress.waits-with-irqs-on", "it refuses a grace period that is waited for where a task may not sleep"),
    "H3": ("separation.waited-for-every-cpu", "an arch whose flush waits for nobody breaks it, if it does not batch"),
    "H8": ("walk.hardware-never-a-freed-table", "the litmus hardware-lazy has a CPU that holds the mm lazily"),
    "H9": ("gather.freed-tables-known", "it asks for the walk caches to go with a whole mm, too, and for no more"),
}

#: Rows of which the model has no part, and why not.
OUTSIDE: Final[dict[str, str]] = {
    "A15": "there are no caches but those of translations",
    "B11": "no huge page is collapsed under a walker, so that no entry changes its kind",
    "B13": "it is advice to callers who free something else than tables; none plays here",
    "E3": "it states that there is no bound, so that nothing can exceed one",
    "E6": "ten thousand pages are more effects than a run may have; nothing here has a duration",
    "G11": "no architecture here looks at what kind of VMA was unmapped",
}


def rows() -> tuple[str, ...]:
    """All of them, in the order of the notes."""
    return tuple(f"{family}{number}" for family, count in COUNTS.items() for number in range(1, count + 1))
