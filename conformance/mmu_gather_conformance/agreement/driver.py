# SPDX-License-Identifier: GPL-2.0-only
"""Asking the workers: every scenario of the suite, then random callers, until two runs part.

Each worker holds both ports and compares them where they are, so that only what differs goes over the wire.  A worker
that dies has met a difference, too: the other port is the suite's and does not crash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from queue import SimpleQueue
from typing import Final

import click
from mmu_gather_spec.record import record

from mmu_gather_conformance import forms, ports, wire
from mmu_gather_conformance.agreement import deep
from mmu_gather_conformance.agreement.runs import Compared, Parted, shards
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.cases import cases
from mmu_gather_conformance.config import WIDTHS, machines
from mmu_gather_conformance.hosts import Broke
from mmu_gather_conformance.report import BOTH
from mmu_gather_conformance.worker_host import InWorker

#: A gather that was never begun: what it holds is garbage, which Python reads and C follows.
LEFT_OUT: Final = frozenset({"finish-without-gather"})
#: Random callers that a worker is asked for at a time: they take it about two seconds.
SHARD: Final = 500


@record(slots=True)
class Agreement:
    """What came of comparing two ports event by event."""

    one: str
    other: str
    era: str
    cases: int = 0
    #: runs of the suite's scenarios that were the same
    runs: int = 0
    #: random call sequences that were the same
    examples: int = 0
    parted: Parted | None = None
    #: how a port broke, and in which case
    broke: Broke | None = None
    where: str = ""

    @property
    def exact(self) -> bool:
        """Whether nothing differed."""
        return self.parted is None and self.broke is None


def compare_exactly(
    one: str, other: str, *, archs: tuple[str, ...] = (), bits: tuple[int, ...] = WIDTHS, keyword: str = "",
    examples: int = 0, seed: int = 0, jobs: int = 1, seconds: float = 60.0,
) -> Agreement:  # fmt: skip
    """Compare two ports event by event; both have to be of one era.

    one: any port.  other: one that ships with the suite.  archs: only these; none for all that both have.
    bits: only on machines whose words have so many.
    keyword: words that a scenario's case id must contain.  examples: how many random call sequences besides.
    Errors: ports.UnknownPort; click.UsageError where the two cannot be compared.
    """
    theirs = ports.open_port(other)
    first = InWorker(one, None, BOTH, seconds)
    workers = [first, *(InWorker(one, None, BOTH, seconds) for _ in range(jobs - 1))]
    try:
        described = first.described()
        if isinstance(described, Broke):
            return Agreement(one, other, theirs.era, broke=described)
        both = _common(one, other, (described.archs, theirs.archs), archs)
        widths = tuple(each for each in bits if each in described.bits)
        if not machines(both, widths):
            raise click.UsageError(f"no machine of {', '.join(both)} has words that {one} can have")
        if described.era != theirs.era:
            raise click.UsageError(f"{one} is of {described.era} and {other} of {theirs.era}: compare without --exact")
        result = Agreement(one, other, theirs.era)
        _ask(result, workers, _scenarios(result, both, widths, keyword))
        if result.exact:
            _ask(result, workers, _random(result, both, widths, seed, examples))
        return result
    finally:
        for worker in workers:
            worker.close()


def _common(one: str, other: str, have: Sequence[tuple[str, ...]], wanted: tuple[str, ...]) -> tuple[str, ...]:
    both = tuple(arch for arch in wanted or have[0] if all(arch in archs for archs in have))
    if not both:
        raise click.UsageError(f"{one} and {other} have no arch in common")
    return both


#: What a worker is asked, in words, and what to do with its answer.
Question = tuple[str, wire.Request, Callable[[int], None]]


def _scenarios(result: Agreement, archs: tuple[str, ...], bits: tuple[int, ...], keyword: str) -> list[Question]:
    def count(runs: int) -> None:
        result.cases += 1
        result.runs += runs

    every = (*cases(archs, result.era, keyword, bits=bits), *deep.cases(archs, result.era, keyword, bits=bits))
    chosen = [case for case in every if _comparable(case)]
    return [
        (
            case.id,
            wire.Request(case.id, forms.encode(case.scenario), asdict(case.config), against=result.other),
            count,
        )
        for case in chosen
    ]


def _comparable(case: Case) -> bool:
    return not case.scenario.builds and case.scenario.name not in LEFT_OUT


def _random(
    result: Agreement, archs: tuple[str, ...], bits: tuple[int, ...], seed: int, examples: int
) -> list[Question]:
    def count(runs: int) -> None:
        result.examples += runs

    return [
        (
            f"random call sequences {first} to {first + size - 1} of seed {seed}",
            wire.Request("", b"", {}, against=result.other, archs=archs, bits=bits, seed=seed, first=first, count=size),
            count,
        )
        for first, size in shards(examples, SHARD)
    ]


def _ask(result: Agreement, workers: Sequence[InWorker], questions: Iterable[Question]) -> None:
    """Put the questions to whichever worker is free; after the first difference no more are asked."""
    free: SimpleQueue[InWorker] = SimpleQueue()
    for worker in workers:
        free.put(worker)

    def put(question: Question) -> tuple[Question, Compared | Broke | None]:
        if not result.exact:
            return question, None
        worker = free.get()
        try:
            return question, worker.compare(question[1])
        finally:
            free.put(worker)

    with ThreadPoolExecutor(len(workers)) as pool:
        for (where, _, count), found in pool.map(put, questions):
            if found is None or not result.exact:
                continue
            if isinstance(found, Broke):
                result.broke, result.where = found, where
                continue
            count(found.runs)
            result.parted, result.where = found.parted, "" if found.parted is None else found.parted.case.id
