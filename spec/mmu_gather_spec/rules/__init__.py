# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The rules, one file for each family of the law; `RULES` has them all by id.

Ids are append-only: a rule may be superseded, its id is never given to another.  A family is read when one of its
rules is asked for, so that whoever asks about one rule does not wait for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Final

from mmu_gather_spec.rule import Rule

#: The families, in the order of the ids.
FAMILIES: Final = (
    "ordering",
    "flushing",
    "separation",
    "unbatched",
    "walkers",
    "batch",
    "callback",
    "progress",
    "encoding",
    "gather",
    "arch_flush",
    "configuration",
    "hardware",
    "preemption",
    "pte_page",
    "lazy_mode",
    "invalidation",
    "at_once",
    "waiting",
    "ranges",
    "reverse_maps",
    "sharing",
    "reuse",
    "flush_mm",
    "index",
    "tlb_batch",
    "whole_mm",
    "locks",
)
#: In which families the rules of a mechanism are: the first word of an id.
MECHANISMS: Final = {
    "order": ("ordering", "flushing", "hardware", "pte_page", "invalidation", "at_once", "reverse_maps", "sharing"),
    "separation": ("separation", "unbatched", "waiting", "sharing"),
    "walk": ("walkers", "hardware", "waiting", "reverse_maps", "reuse", "locks"),
    "batch": ("batch", "callback"),
    "progress": ("progress",),
    "encoding": ("encoding", "index"),
    "gather": ("gather", "preemption", "ranges", "whole_mm"),
    "arch": ("arch_flush", "preemption", "lazy_mode", "ranges", "flush_mm", "tlb_batch"),
    "configuration": ("configuration",),
}


@cache
def family(name: str, /) -> tuple[Rule, ...]:
    """The rules of a family, in their order."""
    rules: tuple[Rule, ...] = import_module(f"{__name__}.{name}").RULES
    return rules


class Rules(Mapping[str, Rule]):
    """All rules by id, in the order in which their ids were given."""

    def __getitem__(self, rule_id: str, /) -> Rule:
        for name in MECHANISMS.get(rule_id.partition(".")[0], ()):
            for rule in family(name):
                if rule.id == rule_id:
                    return rule
        raise KeyError(rule_id)

    def __iter__(self) -> Iterator[str]:
        return (rule.id for name in FAMILIES for rule in family(name))

    def __len__(self) -> int:
        return sum(len(family(name)) for name in FAMILIES)


RULES: Final[Mapping[str, Rule]] = Rules()
