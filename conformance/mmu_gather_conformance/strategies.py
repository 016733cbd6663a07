# SPDX-License-Identifier: GPL-2.0-only
"""Hypothesis strategies: callers that keep the rules, and kernels that may answer anything.

An example is a machine, a caller program, and a list of answers for each service of the kernel.  Answers are
kept by service, not in one row: the k-th allocation then fails whatever else was asked before, and two
ports that ask different questions are still given the same kernel.

Hypothesis is an extra, and only this file knows it: `try_examples` is all that others need of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Final, NamedTuple, TypeAlias

import click
from mmu_gather_spec.record import replace

from mmu_gather_conformance.case import Case
from mmu_gather_conformance.cases import ARCH_NAMES
from mmu_gather_conformance.config import CONFIGS, Config, small
from mmu_gather_conformance.recorder import FILLS
from mmu_gather_conformance.scenario import (
    Answers,
    AnyOp,
    Direct,
    Entry,
    Finish,
    Flush,
    Gather,
    Migrate,
    Name,
    Page,
    Scenario,
    Table,
)

try:
    import hypothesis
    from hypothesis import strategies as st
    from hypothesis.errors import Flaky
except ModuleNotFoundError as error:
    raise click.UsageError("random call sequences need hypothesis: pip install 'mmu-gather[test]'") from error

#: service -> which of its answers to give to its first, second, ... question; the last one holds on
ByService: TypeAlias = dict[str, tuple[int, ...]]

#: What may be answered: the domains of every service that has a choice.
ANSWERS: Final = Answers(
    alloc=(True, False),
    mm_users=(2, 1, 0, 3),
    online=(2, 1),
    cpumask=("everywhere", "here"),
    context=(1, 0),
    hash_batch=("empty", "this mm", "another mm"),
    grace=("late", "early"),
)
#: Services by the name that the script knows: how many answers each has, and how many questions are worth a list.
SERVICES: Final = {
    "online": (len(ANSWERS.online), 1),
    "mm_cpumask": (len(ANSWERS.cpumask), 1),
    "context": (len(ANSWERS.context), 1),
    "hash batch": (len(ANSWERS.hash_batch), 1),
    "__get_free_page": (len(ANSWERS.alloc), 8),
    "mm_users": (len(ANSWERS.mm_users), 8),
    "mm_count": (len(ANSWERS.mm_users), 1),
    "grace period": (len(ANSWERS.grace), 4),
}
#: More pages in one lock section than the slots of a gather and of a small machine's page hold together.
MOST_PAGES: Final = 20
#: More tables in one operation than a small batch holds.
MOST_TABLES: Final = 4
MOST_OPERATIONS: Final = 8

#: An example is a run of two ports, so it is slow and large by nature.
TOLERATED: Final = (hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large)


class Example(NamedTuple):
    """One thing to try."""

    case: Case
    answers: ByService
    #: what the gathers and the pages are filled with
    fill: int


class Unstable(Exception):
    """The test failed, and did not when the same example was tried again."""


def configs(archs: Iterable[str] = ()) -> st.SearchStrategy[Config]:
    """A machine: any arch, SMP or UP, with the real capacity or a small one."""
    chosen = [config for arch in tuple(archs) or ARCH_NAMES for config in CONFIGS[arch]]
    return st.sampled_from([*chosen, *map(small, chosen)])


def shifts(config: Config) -> st.SearchStrategy[int]:
    """Every legal shift on this machine, the ends more often; where a word has 32 bits, tables are pages."""
    most = 0 if config.bits_per_long == 32 else config.facts.max_pgtable_index_size
    return st.sampled_from([0, most, *range(1, most)])


def operations(config: Config) -> st.SearchStrategy[AnyOp]:
    """Anything that a caller may do in the middle of a gather on this machine."""
    return st.one_of(
        st.builds(Flush),
        st.builds(Entry),
        st.builds(Migrate),
        st.builds(Page, count=st.integers(1, MOST_PAGES), lazy=st.booleans().map(lambda eager: not eager)),
        st.builds(Table, level=st.sampled_from(["pte", "pmd"]), count=st.integers(1, MOST_TABLES)),
        st.builds(Direct, shift=shifts(config)),
    )


def programs(config: Config) -> st.SearchStrategy[tuple[AnyOp, ...]]:
    """A whole gather, begun first and finished last; and perhaps a second one whose calls take turns with it."""
    middle = st.lists(st.tuples(st.sampled_from(["a", "b"]), operations(config)), max_size=MOST_OPERATIONS)
    return st.builds(_program, st.booleans(), middle)


def _program(fullmm: bool, middle: list[tuple[Name, AnyOp]]) -> tuple[AnyOp, ...]:
    gathers: list[Name] = sorted({"a", *(gather for gather, _ in middle)})
    return (
        *(Gather(gather, fullmm) for gather in gathers),
        *(replace(op, gather=gather) for gather, op in middle),
        *(Finish(gather) for gather in reversed(gathers)),
    )


@cache
def scenarios(config: Config) -> st.SearchStrategy[Scenario]:
    """One or two programs in a row on this machine; kept, since making a strategy costs more than drawing from it."""
    rows = st.lists(programs(config), min_size=1, max_size=2)
    return rows.map(
        lambda row: Scenario("random", "random calls", tuple(op for program in row for op in program), ANSWERS)
    )


def answers() -> st.SearchStrategy[ByService]:
    """What the kernel answers to the first, second, ... question of each service."""
    lists = {
        service: st.lists(st.integers(0, domain - 1), max_size=questions).map(tuple)
        for service, (domain, questions) in SERVICES.items()
    }
    return st.fixed_dictionaries(lists).map(
        lambda given: {service: took for service, took in given.items() if any(took)}
    )


def cases(archs: Iterable[str] = ()) -> st.SearchStrategy[Case]:
    """A random caller on a random machine."""
    return configs(archs).flatmap(lambda config: scenarios(config).map(lambda scenario: Case(scenario, config)))


def try_examples(
    test: Callable[[Example], None], archs: Iterable[str] = (), *, examples: int, seed: int | None = None
) -> None:
    """Try a test on many examples; what it raises comes out once more, for the smallest example that raises it.

    seed: which examples; without one they are the same each time.
    Errors: what the test raises; Unstable where it raises that only sometimes.
    """

    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=seed is None,
        report_multiple_bugs=False,
        suppress_health_check=TOLERATED,
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
    )
    @hypothesis.given(st.builds(Example, cases(archs), answers(), st.sampled_from(FILLS)))
    def search(example: Example) -> None:
        test(example)

    if seed is not None:
        search = hypothesis.seed(seed)(search)
    try:
        search()
    except Flaky as error:
        raise Unstable from error
