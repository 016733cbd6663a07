# SPDX-License-Identifier: GPL-2.0-only
"""A case: a scenario on a machine, with an id that stays.  Which cases there are, `cases` knows."""

from __future__ import annotations

from mmu_gather_spec.record import record

from mmu_gather_conformance.config import Config
from mmu_gather_conformance.scenario import Scenario


@record(frozen=True, slots=True)
class Case:
    """One scenario on one machine."""

    scenario: Scenario
    config: Config

    @property
    def arch(self) -> str:
        """The architecture of its machine."""
        return self.config.arch

    @property
    def id(self) -> str:
        """`scenario/arch[/config]`."""
        return f"{self.scenario.name}/{self.config.suffix()}"
