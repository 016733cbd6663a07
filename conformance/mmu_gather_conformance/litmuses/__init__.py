# SPDX-License-Identifier: GPL-2.0-only
"""The litmus tests, a file for each mechanism; `LITMUSES` has them all by name."""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.litmus import Litmus, gather, runs
from mmu_gather_conformance.scenario import Table

LITMUSES: Final[dict[str, Litmus]] = {
    litmus.name: litmus
    for litmus in (
        Litmus(
            "aio-below-two-users",
            "A kernel thread that holds mm_count only walks while the only user unmaps.",
            (gather(0, Table()), runs(1, "aio", "a0")),
            "walk.never-a-freed-table",
            "vhost-below-two-users",
            users=1,
        ),
        Litmus(
            "vhost-below-two-users",
            "The same, but the thread is a user of the mm until it ends.",
            (gather(0, Table()), runs(1, "vhost", "a0")),
            "walk.never-a-freed-table",
            "aio-below-two-users",
        ),
    )
}
