# SPDX-License-Identifier: GPL-2.0-only
"""Callers that go on long enough to reach the bounds of the code: too long for the rules, which keep every event apart.

A gather holds some ten thousand pages, frees them five hundred at a time, and has batches of eight thousand slots where
pages have 64K.  No scenario of a few lines gets there; a mistake in such a bound is seen here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from mmu_gather_spec.eras import ERAS

from mmu_gather_conformance.c_tables import is_ranged
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.config import WIDTHS, machines
from mmu_gather_conformance.scenario import Answers, Finish, Gather, Page, Scenario, Table

#: The ordinary answers alone: there is one run.
PLAIN: Final = Answers(grace=("late",))

#: What is reached, and on which configuration.
SCENARIOS: Final = (
    Scenario(
        "deep-pages",
        "More pages than a gather holds: MAX_GATHER_BATCH_COUNT.",
        (Gather(), Page(count=10_200), Finish()),
        PLAIN,
        archs=("hash32", "hash64", "hardware-walker"),
        configs=("",),
    ),
    Scenario(
        "deep-pages-64k",
        "More pages in one batch than are freed in one go.",
        (Gather(), Page(count=1_200), Finish()),
        PLAIN,
        archs=("hash64",),
        configs=("64k",),
    ),
    Scenario(
        "deep-dirty-pages",
        "Dirty pages, each of which has the TLB flushed before its lock is dropped.",
        (Gather(), Page(count=600, dirty=True), Finish()),
        PLAIN,
        archs=("hash64", "hardware-walker"),
        configs=("", "up"),
    ),
    Scenario(
        "deep-tables",
        "Several batches of tables, and pages between them.",
        (Gather(), Page(count=600), Table(count=1_100), Page(count=10), Table(count=600), Finish()),
        PLAIN,
        archs=("hash64", "hardware-walker"),
        configs=("", "up"),
    ),
    Scenario(
        "deep-tables-32bit",
        "A batch of 1021 tables is full; there are addresses for 1536 in 32 bits.",
        (Gather(), Table(count=1_030), Page(count=10), Table(count=400), Finish()),
        PLAIN,
        archs=("hash32", "nohash"),
        configs=("", "32bit"),
    ),
    Scenario(
        "deep-tables-64k",
        "A batch of 8189 tables is full.",
        (Gather(), Table(count=8_300), Finish()),
        PLAIN,
        archs=("hash64",),
        configs=("64k",),
    ),
)


def cases(archs: tuple[str, ...], era: str, keyword: str = "", /, bits: Container[int] = WIDTHS) -> tuple[Case, ...]:
    """The deep cases on these archs in an era: where the gather of the era has such bounds.

    bits: only on machines whose words have so many.
    """
    if not is_ranged(era):
        return ()
    found = (
        Case(scenario, config)
        for scenario in SCENARIOS
        for arch in scenario.archs
        if arch in archs and arch in ERAS[era].archs
        for config in machines((arch,), bits)
        if config.name in scenario.configs
    )
    return tuple(case for case in found if all(word in case.id for word in keyword.split()))
