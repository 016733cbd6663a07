# SPDX-License-Identifier: GPL-2.0-only
"""A trace as a person reads it: time down, a lane for each CPU, the offending step marked.

Read in this order: `names` and `describe` put one event into words; `calls`, `spans` and `lives` fold a trace
into what a reader keeps in mind (open calls, IRQs off, grace periods and IPIs, what became of each table);
`terminal` and `svg` draw, `stepper` and `screen` show one step at a time.  `seed_lines` knows which line of
the seed a step is.

Nothing here judges: which step offends, and against which rule, is given.
"""

from __future__ import annotations

from mmu_gather_conformance.lanes.describe import describe
from mmu_gather_conformance.lanes.names import Names
from mmu_gather_conformance.lanes.terminal import LINES, all_lanes, lanes

__all__ = ["LINES", "Names", "all_lanes", "describe", "lanes"]
