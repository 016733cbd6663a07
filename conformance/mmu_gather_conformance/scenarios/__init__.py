# SPDX-License-Identifier: GPL-2.0-only
"""The scenarios, a file for each mechanism; `SCENARIOS` has them all by name.

Names are stable: a case id is `scenario/arch[/config]`, and baselines hold case ids.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.scenario import Scenario
from mmu_gather_conformance.scenarios import arch, batch, encoding, gather, later, misuse, order

SCENARIOS: Final[dict[str, Scenario]] = {
    scenario.name: scenario
    for family in (order, batch, encoding, gather, arch, later, misuse)
    for scenario in family.SCENARIOS
}
