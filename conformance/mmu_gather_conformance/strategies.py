# SPDX-License-Identifier: GPL-2.0-only
"""Hypothesis strategies: callers that keep the rules, and kernels that may answer anything.

Hypothesis is an extra (`pip install 'mmu-gather[test]'`); nothing else of the suite imports it.
"""

from __future__ import annotations

from hypothesis import strategies as st

from mmu_gather_conformance.config import CONFIGS, Config, small
from mmu_gather_conformance.scenario import (
    Answers,
    AnyOp,
    Direct,
    Entry,
    Finish,
    Flush,
    Gather,
    Migrate,
    Page,
    Scenario,
    Table,
)

#: What may be answered: the domains of every service that has a choice.
ANSWERS = Answers(
    alloc=(True, False),
    mm_users=(2, 1, 0, 3),
    cpumask=("everywhere", "here"),
    grace=("late", "early"),
)


def configs(archs: tuple[str, ...] = ()) -> st.SearchStrategy[Config]:
    """A machine: any arch, SMP or UP, with the real capacity or a small one."""
    chosen = [config for arch in archs or tuple(CONFIGS) for config in CONFIGS[arch]]
    return st.sampled_from([*chosen, *map(small, chosen)])


def operations(config: Config) -> st.SearchStrategy[AnyOp]:
    """Anything that a caller may do in the middle of a gather on this machine."""
    shifts = range(16) if config.half[0] in ("hash64", "nohash") else range(1)
    return st.one_of(
        st.builds(Table, level=st.sampled_from(["pte", "pmd"]), count=st.integers(1, 4)),
        st.builds(Direct, shift=st.sampled_from(shifts)),
        st.builds(Page, count=st.integers(1, 10), lazy=st.booleans()),
        st.builds(Entry),
        st.builds(Flush),
        st.builds(Migrate),
    )


def scenarios(config: Config) -> st.SearchStrategy[Scenario]:
    """A whole gather on this machine."""
    middle = st.lists(operations(config), max_size=8)
    return st.builds(
        lambda fullmm, ops: Scenario("random", "random calls", (Gather(fullmm=fullmm), *ops, Finish()), ANSWERS),
        st.booleans(),
        middle,
    )


def answers() -> st.SearchStrategy[dict[str, tuple[int, ...]]]:
    """What the kernel answers to the first, second, ... question of each service."""
    few = st.lists(st.integers(0, 1), max_size=6).map(tuple)
    users = st.lists(st.integers(0, 3), max_size=6).map(tuple)
    return st.fixed_dictionaries(
        {"__get_free_page": few, "mm_users": users, "grace period": few, "mm_cpumask": few.map(lambda one: one[:1])}
    )
