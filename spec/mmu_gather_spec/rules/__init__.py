# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The rules, one file for each family of the law; `RULES` has them all by id.

Ids are append-only: a rule may be superseded, its id is never given to another.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_spec.rule import Rule
from mmu_gather_spec.rules import (
    arch_flush,
    batch,
    callback,
    configuration,
    encoding,
    gather,
    hardware,
    ordering,
    progress,
    separation,
    walkers,
)

RULES: Final[dict[str, Rule]] = {
    rule.id: rule
    for family in (
        ordering,
        separation,
        walkers,
        batch,
        callback,
        progress,
        encoding,
        gather,
        arch_flush,
        configuration,
        hardware,
    )
    for rule in family.RULES
}
