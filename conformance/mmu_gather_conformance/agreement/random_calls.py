# SPDX-License-Identifier: GPL-2.0-only
"""Random callers by number: the same number makes the same calls, the same machine and the same answers.

`strategies` makes such callers for Hypothesis, which looks for a smallest example and takes a millisecond for each.
A hundred thousand want less than that: here a caller is a few draws from a generator that is seeded with its number,
so that any one of them can be made again without the others.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from random import Random
from typing import Final

from mmu_gather_spec import contract
from mmu_gather_spec.record import replace

from mmu_gather_conformance.case import Case
from mmu_gather_conformance.config import WIDTHS, Config, machines, small
from mmu_gather_conformance.recorder import FILLS
from mmu_gather_conformance.scenario import (
    Answers,
    AnyOp,
    Direct,
    EndVma,
    Entry,
    Finish,
    Flush,
    FlushUnshared,
    Gather,
    GatherVma,
    Invalidate,
    Migrate,
    Name,
    Page,
    PageSize,
    Scenario,
    StartVma,
    SyncOne,
    Table,
    Unshare,
)

#: service -> which of its answers to give to its first, second, ... question; the last one holds on
ByService = dict[str, tuple[int, ...]]

#: What may be answered.
ANSWERS: Final = Answers(
    alloc=(True, False),
    online=(2, 1),
    cpumask=("everywhere", "here"),
    context=(1, 0),
    hash_batch=("empty", "this mm", "another mm"),
    grace=("late", "early"),
    nested=(False, True),
    pte=(True, False),
    sharers=(1, 2),
)
#: Services by the name that the script knows: how many answers each has, and how many questions are worth a list.
SERVICES: Final = {
    "online": (2, 1),
    "mm_cpumask": (2, 1),
    "context": (2, 1),
    "hash batch": (3, 1),
    "__get_free_page": (2, 6),
    "grace period": (2, 3),
    "tlb_flush_pending": (2, 2),
    "pte": (2, 6),
    "pt_share_count": (2, 4),
}
#: Most calls between the first and the last of a gather.
MOST: Final = 4
#: Pages in one lock section: mostly few, and sometimes more than a gather's own slots hold.
PAGES: Final = (1, 1, 1, 2, 2, 3, 4, 10)
#: More tables in one operation than a small batch holds.
MOST_TABLES: Final = 4


class RandomCalls:
    """All random callers of one seed."""

    def __init__(self, archs: tuple[str, ...], seed: int, era: str, /, bits: Container[int] = WIDTHS) -> None:
        real = machines(archs, bits)
        self._machines = (*real, *map(small, real), *map(small, real))
        self._seed = seed
        has = contract.functions(era)
        self._of_mappings = "tlb_gather_mmu_vma" in has
        self._operations = (*OPERATIONS, *(made for needs, made in LATER_OPERATIONS if needs in has))

    def _random(self, number: int, what: str) -> Random:
        return Random(f"{self._seed} {number} {what}")

    def case(self, number: int, /) -> Case:
        """The machine and the calls."""
        random = self._random(number, "case")
        config = random.choice(self._machines)
        fullmm = random.random() < 0.2
        count = random.randint(0, MOST)
        drawn: list[tuple[Name, AnyOp]] = [
            (self._name(random), random.choice(self._operations)(random, config)) for _ in range(count)
        ]
        middle = [(name, op) for at, (name, op) in enumerate(drawn) if not _ends_nothing(name, op, drawn[:at])]
        gathers: tuple[Name, ...] = ("a", "b") if any(name == "b" for name, _ in middle) else ("a",)
        ops: tuple[AnyOp, ...] = (
            *(self._begin(random, name, fullmm=fullmm) for name in gathers),
            *(replace(op, gather=name) for name, op in middle),
            *(Finish(name) for name in reversed(gathers)),
        )
        return Case(Scenario("random", f"random calls {number} of seed {self._seed}", ops, ANSWERS), config)

    def _begin(self, random: Random, name: Name, *, fullmm: bool) -> AnyOp:
        """Of a part of the mm, of all of it, or of one mapping where the era has gathers of one."""
        if self._of_mappings and not fullmm and random.random() < 0.3:
            return GatherVma(name, hugetlb=random.random() < 0.7)
        return Gather(name, fullmm)

    @staticmethod
    def _name(random: Random) -> Name:
        return "b" if random.random() < 0.15 else "a"

    def answers(self, number: int, /) -> ByService:
        """What the kernel answers to the first, second, ... question of each service."""
        random = self._random(number, "answers")
        given: ByService = {}
        for service, (domain, questions) in SERVICES.items():
            if random.random() < 0.4:
                given[service] = tuple(random.randrange(domain) for _ in range(random.randint(1, questions)))
        return given

    def fill(self, number: int, /) -> int:
        """What the gathers and the pages are filled with."""
        return FILLS[number % len(FILLS)]

    @staticmethod
    def simpler(case: Case, given: ByService, /) -> Iterator[tuple[Case, ByService]]:
        """The same calls with one of them left out or done fewer times; the same answers with one service ordinary."""
        ops = case.scenario.ops
        for at, op in enumerate(ops):
            if not isinstance(op, Gather | GatherVma | Finish | StartVma):
                yield _with(case, (*ops[:at], *ops[at + 1 :])), given
        for at, op in enumerate(ops):
            if isinstance(op, Page | Table | Unshare) and op.count > 1:
                for fewer in {1, op.count // 2, op.count - 1}:
                    yield _with(case, (*ops[:at], replace(op, count=fewer), *ops[at + 1 :])), given
        for service in given:
            yield case, {name: took for name, took in given.items() if name != service}
        unused = (
            {op.gather for op in ops}
            - {op.gather for op in ops if not isinstance(op, Gather | GatherVma | Finish)}
            - {"a"}
        )
        if unused:
            yield _with(case, tuple(op for op in ops if op.gather not in unused)), given


def _ends_nothing(gather: Name, op: AnyOp, before: Sequence[tuple[Name, AnyOp]]) -> bool:
    """Whether an operation ends a mapping that was not begun: what the gather knows of mappings is garbage then."""
    begun = any(name == gather and isinstance(each, StartVma) for name, each in before)
    return isinstance(op, EndVma) and not begun


def _with(case: Case, ops: tuple[AnyOp, ...]) -> Case:
    return Case(replace(case.scenario, ops=ops), case.config)


def _pages(random: Random, config: Config) -> AnyOp:
    return Page(
        count=random.choice(PAGES),
        lazy=random.random() < 0.8,
        mixed=random.random() < 0.1,
        dirty=random.random() < 0.3,
    )


def _tables(random: Random, config: Config) -> AnyOp:
    return Table(level=random.choice(("pte", "pmd")), count=random.randint(1, MOST_TABLES))


def _direct(random: Random, config: Config) -> AnyOp:
    """A table with a shift of its own; where a word has 32 bits, tables are pages."""
    most = 0 if config.bits_per_long == 32 else config.facts.max_pgtable_index_size
    return Direct(shift=random.randint(0, most))


#: What a caller does in the middle of a gather; tables most often, since they are what all of this is about.
OPERATIONS: Final[tuple[Callable[[Random, Config], AnyOp], ...]] = (
    _tables,
    _tables,
    _tables,
    _pages,
    _pages,
    _direct,
    lambda random, config: Entry(),
    lambda random, config: Flush(),
    lambda random, config: Migrate(),
)

#: What a caller does besides, in eras that have the function that it needs.
LATER_OPERATIONS: Final[tuple[tuple[str, Callable[[Random, Config], AnyOp]], ...]] = (
    ("tlb_flush_mmu_tlbonly", lambda random, config: Invalidate()),
    ("tlb_change_page_size", lambda random, config: PageSize(huge=random.random() < 0.5)),
    ("tlb_gather_mmu_fullmm", lambda random, config: StartVma(pfn=random.random() < 0.3)),
    ("tlb_gather_mmu_fullmm", lambda random, config: EndVma()),
    ("tlb_unshare_pmd_ptdesc", lambda random, config: Unshare(count=random.randint(1, 2))),
    ("tlb_flush_unshared_tables", lambda random, config: FlushUnshared(unlocks=random.random() < 0.7)),
    (
        "tlb_remove_table_sync_one",
        lambda random, config: SyncOne() if config.facts.selects_table_batching else Invalidate(),
    ),
)
