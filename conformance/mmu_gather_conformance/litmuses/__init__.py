# SPDX-License-Identifier: GPL-2.0-only
"""The litmus tests, a file for each family, and what no litmus here can ask.

Each is a question of about ten lines: a comment, who runs on which CPU, and the forbidden outcome last.  What each
port answers is committed beside the tests.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.litmus import Litmus
from mmu_gather_conformance.litmuses import (
    hardware,
    memory,
    reverse_maps,
    scheduling,
    sharing,
    translations,
    two_gathers,
    users,
    walkers,
)
from mmu_gather_conformance.litmuses.outside_model import OUTSIDE_MODEL

_FAMILIES: Final = (
    walkers, users, memory, hardware, translations, reverse_maps, two_gathers, scheduling, sharing,
)  # fmt: skip

#: Every litmus, by its name.
LITMUSES: Final[dict[str, Litmus]] = {litmus.name: litmus for family in _FAMILIES for litmus in family.LITMUSES}

__all__ = ["LITMUSES", "OUTSIDE_MODEL"]
