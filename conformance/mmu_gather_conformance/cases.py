# SPDX-License-Identifier: GPL-2.0-only
"""Cases: a scenario on a machine, with an id that stays.

Every case that a run will hold is declared before the run begins, so that one that never reports
is seen to be missing.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Final

from mmu_gather_spec.eras import DEFAULT_ERA, ERAS, between

from mmu_gather_conformance.case import Case
from mmu_gather_conformance.config import CONFIGS, WIDTHS, machines, small
from mmu_gather_conformance.scenarios import SCENARIOS

#: The archs of the default era.
ARCH_NAMES: Final = ERAS[DEFAULT_ERA].archs
#: Configurations that differ from the plain one in little: only scenarios that name them run there.
ON_REQUEST: Final = frozenset({"16k", "64k"})


def cases(archs: Iterable[str], era: str, keyword: str = "", /, bits: Container[int] = WIDTHS) -> tuple[Case, ...]:
    """The cases of these archs in this era whose id contains every word of `keyword`.

    bits: only on machines whose words have so many.
    """
    words = keyword.split()
    found = (case for arch in archs for case in _on(arch, era, bits))
    return tuple(case for case in found if all(word in case.id for word in words))


def _on(arch: str, era: str, bits: Container[int] = WIDTHS) -> Iterator[Case]:
    if arch not in ERAS[era].archs:
        return
    for scenario in SCENARIOS.values():
        if scenario.archs and arch not in scenario.archs:
            continue
        if not between(era, scenario.since, scenario.until):
            continue
        if scenario.generic and "tlb_remove_table" in ERAS[era].absent:
            continue
        for config in machines((arch,), bits):
            if config.name not in scenario.configs if scenario.configs else config.name in ON_REQUEST:
                continue
            if scenario.generic and not (config.smp or ERAS[era].batches_on_up):
                continue
            if "real" in scenario.sizes:
                yield Case(scenario, config)
            if "small" in scenario.sizes:
                yield Case(scenario, small(config))


def find(case_id: str, /) -> Case | None:
    """The case with this id."""
    for arch in CONFIGS:
        for era in ERAS:
            for case in _on(arch, era):
                if case.id == case_id:
                    return case
    return None
