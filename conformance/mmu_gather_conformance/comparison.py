# SPDX-License-Identifier: GPL-2.0-only
"""Two ports at once: random call sequences, and what becomes of each table under both.

Both are given the same scenario and the same kernel: the k-th allocation fails for both or for neither, however many
other questions each asks.  Both runs are judged by the rules of their own era, and their fates are compared.  A
difference that the rules do not permit is shrunk to the smallest scenario that shows it, and can be saved
and replayed.

What is a difference is decided in `fates`, what is tried in `strategies`; here the two ports are driven.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from typing import Final

import click
from mmu_gather_spec import events as ev
from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.record import field, record
from mmu_gather_spec.rule import Level, Violation

from mmu_gather_conformance import ports
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.check import rules_for
from mmu_gather_conformance.config import Config
from mmu_gather_conformance.fates import Difference, compare
from mmu_gather_conformance.hosts import Broke, Host, InProcess, One
from mmu_gather_conformance.image import ProtocolError
from mmu_gather_conformance.judge import Judge
from mmu_gather_conformance.recorder import Run
from mmu_gather_conformance.report import BOTH, Failure
from mmu_gather_conformance.scenario import FORMAT, AnyOp
from mmu_gather_conformance.strategies import Example, Unstable, try_examples
from mmu_gather_conformance.verdict import Verdict
from mmu_gather_conformance.worker_host import InWorker

#: A worker that dies costs a new process each time, so the search for a smaller example ends after this many.
DEATH_BOUND: Final = 30
#: One run of a few calls takes milliseconds; this much is for the start of the worker.
RUN_SECONDS: Final = 10.0


@record(slots=True)
class Comparison:
    """What came of comparing two ports."""

    one: str
    other: str
    #: examples that both ports have run
    examples: int = 0
    #: examples in which the ports differed, and only in ways that the rules leave open
    permitted: int = 0
    #: rules that both have violated in one example: no difference, but worth saying
    both_violate: set[str] = field(default_factory=set)
    #: those of the smallest example that may not be
    differences: tuple[Difference, ...] = ()
    failure: Failure | None = None

    def lines(self) -> list[str]:
        """What to tell a person."""
        both = [f"both violate {rule}" for rule in sorted(self.both_violate)]
        if self.failure is None:
            return [
                f"{self.one} and {self.other} agree in {self.examples} random call sequences",
                f"in {self.permitted} of them they differ in what the rules leave open",
                *both,
            ]
        calls = ", ".join(map(_call, self.failure.scenario.ops))
        given = "; ".join(f"{service}: {list(took)}" for service, took in self.failure.by_service.items())
        return [
            f"{self.one} and {self.other} differ, on {self.failure.case}: {calls}",
            f"  answers: {given or 'the ordinary ones'}",
            *_told(self.differences),
            *both,
        ]


def _call(op: AnyOp) -> str:
    """An operation as it is written in a scenario, without what is as usual."""
    usual = type(op)()
    told = [f"{name}={value!r}" for name, value in asdict(op).items() if value != getattr(usual, name)]
    return f"{type(op).__name__}({', '.join(told)})"


def _told(differences: tuple[Difference, ...]) -> list[str]:
    return [f"  {each.line()}" for each in differences]


@record(frozen=True, slots=True)
class _Seen:
    """What two ports did on one example."""

    differences: tuple[Difference, ...]
    both_violate: frozenset[str] = frozenset()
    #: the run of the first port, if it made one
    run: Run | None = None
    #: whether a port broke
    broke: bool = False
    #: how many processes that cost; one that hangs has cost enough
    deaths: int = 0

    @property
    def wrong(self) -> tuple[Difference, ...]:
        """The differences that the rules do not permit."""
        return tuple(each for each in self.differences if not each.permitted)


class _Pair:
    """Two ports, each where it can do no harm."""

    def __init__(self, one: str, other: str, hosts: tuple[Host, Host]) -> None:
        self.names = one, other
        self.hosts = hosts

    def see(self, case: Case, one: One) -> _Seen:
        """Run both on one example, and look at the two runs."""
        recordings = [host.record(case, one)[0] for host in self.hosts]
        broke = [(name, each) for name, each in zip(self.names, recordings, strict=True) if isinstance(each, Broke)]
        runs = [each.runs[0] for each in recordings if not isinstance(each, Broke)]
        if broke:
            # Where a port gives no trace nothing is agreed upon, even if the other gives none, either.
            found = tuple(Difference(name, each.detail, each.verdict.value, False) for name, each in broke)
            first = recordings[0]
            run = first.run if isinstance(first, Broke) else runs[0]
            died = [each for _, each in broke if each.before is None]
            hung = any(each.verdict is Verdict.TIMED_OUT for each in died)
            return _Seen(found, run=run, broke=True, deaths=DEATH_BOUND if hung else len(died))
        # What a port makes of the filling shows only where fillings are compared: such a run is not judged alone.
        mine, theirs = ({}, {}) if one.fill else map(_violations, runs)
        wrong = [*self._alone(0, mine, theirs), *self._alone(1, theirs, mine)]
        found = (*compare(runs[0].trace, runs[1].trace), *wrong)
        return _Seen(found, frozenset(mine.keys() & theirs.keys()), runs[0])

    def _alone(self, which: int, own: dict[str, Violation], others: dict[str, Violation]) -> Iterator[Difference]:
        """What one of them violates and the other does not."""
        for rule, violation in own.items():
            if rule not in others:
                yield Difference(self.names[which], violation.reason, rule, False)


def _era(run: Run) -> str:
    boot = run.trace[0]
    assert isinstance(boot, ev.Booted), "every trace begins with the facts of its machine"
    return boot.era


@cache
def _judge(era: str) -> Judge:
    return Judge(rules_for(era), era)


def _violations(run: Run) -> dict[str, Violation]:
    """The violations of one run, by rule; what its era knows of is none."""
    found = _judge(_era(run)).judge([run])
    return {
        rule: each.violation.violation
        for rule, each in found.items()
        if each.violation is not None and each.violation.rule.level is Level.MUST
    }


class _Differs(Exception):
    """The search shrinks whatever raises this."""


class _Enough(BaseException):
    """The search ends here: it would take too long to go on.  No Exception, or it would be shrunk, too."""


def _opened(name: str) -> ports.Port | None:
    """A port as far as it can be opened here; a library is opened by its worker alone."""
    try:
        return None if name.startswith(("so:", "linux:")) else ports.open_port(name)
    except ProtocolError:
        return None  # its worker will say why


@contextmanager
def _pair(one: str, other: str) -> Iterator[_Pair]:
    """Both ports; what ships with the suite does no harm and needs no process of its own."""
    hosts: list[Host] = []
    try:
        for name in (one, other):
            port = ports.open_port(name) if name.partition(":")[0] in ("ref", "mutant", "variant") else None
            hosts.append(InWorker(name, None, BOTH, RUN_SECONDS) if port is None else InProcess(port))
        yield _Pair(one, other, (hosts[0], hosts[1]))
    finally:
        for host in hosts:
            host.close()


def _archs(one: str, other: str, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The archs that were asked for and that both ports have."""
    every = ports.reference(DEFAULT_ERA, "").archs
    of = [port.archs if (port := _opened(name)) else every for name in (one, other)]
    both = tuple(arch for arch in wanted or every if all(arch in archs for archs in of))
    if not both:
        asked = f" of {', '.join(wanted)}" if wanted else ""
        raise click.UsageError(f"{one} and {other} have no arch in common{asked}")
    return both


def compare_ports(
    one: str, other: str, *, examples: int = 500, seed_: int | None = None, archs: tuple[str, ...] = ()
) -> Comparison:
    """Drive two ports through random call sequences.

    one, other: ports by name.  examples: how many sequences.  seed_: repeat those of an earlier run; without one they
    are the same each time.  archs: only these; none for all that both have.
    Errors: ports.UnknownPort; click.UsageError where they have no arch in common.
    """
    result = Comparison(one, other)
    common = _archs(one, other, archs)
    deaths = 0

    with _pair(one, other) as pair:

        def test(example: Example) -> None:
            nonlocal deaths
            seen = pair.see(example.case, One((), example.fill, by_service=example.answers))
            result.examples += not seen.broke
            result.permitted += bool(seen.differences) and not seen.wrong
            if not seen.wrong:
                result.both_violate |= seen.both_violate
                return
            result.differences = seen.wrong
            result.failure = _failure(result, example, seen)
            deaths += seen.deaths
            if deaths >= DEATH_BOUND:
                raise _Enough
            raise _Differs

        try:
            try_examples(test, common, examples=examples, seed=seed_)
        except (_Differs, _Enough):
            assert result.failure is not None
        except Unstable:
            reason = "one of them did something else when it was given the same answers again"
            result.differences = (*result.differences, Difference("port", reason, "unstable", False))
    return result


def _failure(result: Comparison, example: Example, seen: _Seen) -> Failure:
    """The example as a run that can be repeated; its plain choices are those of the first port."""
    era = _era(seen.run) if seen.run and seen.run.trace else DEFAULT_ERA
    return Failure(
        FORMAT, result.one, era, example.case.id, seen.wrong[0].rule, example.case.scenario,
        asdict(example.case.config), seen.run.choices if seen.run else (), example.fill, against=result.other,
        by_service=example.answers,
    )  # fmt: skip


def replay_comparison(failure: Failure, /) -> list[str]:
    """Run both ports of a saved comparison again; what differs against the rules, in words, or nothing."""
    case = Case(failure.scenario, Config(**failure.config))  # type: ignore[arg-type]  # checked when it was saved
    with _pair(failure.port, failure.against) as pair:
        return _told(pair.see(case, One((), failure.fill, by_service=failure.by_service)).wrong)
