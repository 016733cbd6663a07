# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A shared table is used for something else, and somebody still reads it or does not."""

from __future__ import annotations

from typing import Final

from mmu_gather_spec import events as ev

from traces.alphabet import T, U, begin, end, load
from traces.sharing import case, flush

NEVER: Final = "walk.never-a-reused-table"
READER: Final = "walk.unsharing-is-no-grace-period"

REUSE: Final = ev.ReusePmd(2, "owner", T)
GONE: Final = "is something else by now"

CASES: Final = (
    case(NEVER, "the walk is over", begin(), load(T), end(), REUSE),
    case(NEVER, "another table is read", REUSE, begin(), load(U), end()),
    case(NEVER, "a walker has IRQs on, whom nobody waits for", begin(irqs_on=True), REUSE, load(T), end()),
    case(NEVER, "a walker goes on", begin(), REUSE, load(T), reason=f"a walker reads a table that {GONE}"),
    case(NEVER, "hardware goes on", REUSE, ev.HardwareLoad(1, "mmu", T), reason=f"hardware reads a table that {GONE}"),
    case(
        NEVER,
        "hardware goes on, whose walk cache was kept",
        flush(ind=False),
        REUSE,
        ev.HardwareLoad(1, "mmu", T),
        reason=f"hardware reads a table that {GONE}",
        erratum="S21",
    ),
    case(READER, "IRQs are off", begin(), REUSE, load(T)),
    case(READER, "the walk is over in time", begin(irqs_on=True), load(T), end(), REUSE),
    case(
        READER,
        "a reader goes on",
        begin(irqs_on=True),
        REUSE,
        load(T),
        reason=f"a walker with IRQs on reads a table that {GONE}",
    ),
)
