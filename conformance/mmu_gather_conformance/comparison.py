# SPDX-License-Identifier: GPL-2.0-only
"""Two ports at once: random call sequences, and what becomes of each table under both.

Both are given the same scenario and the same kernel: the k-th allocation fails for both or for neither, however many
other questions each asks.  A difference that the rules do not permit is shrunk by Hypothesis to the smallest
scenario that shows it, and can be saved and replayed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Final

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from mmu_gather_conformance import ports, strategies
from mmu_gather_conformance.cases import Case
from mmu_gather_conformance.config import Config
from mmu_gather_conformance.fates import Difference, compare
from mmu_gather_conformance.hosts import Broke, Host, InProcess, InWorker, One
from mmu_gather_conformance.report import Failure
from mmu_gather_conformance.scenario import FORMAT, Scenario

#: An example is two runs of two ports, so it is slow and large by nature.
TOLERATED: Final = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


@dataclass(slots=True)
class Comparison:
    """What came of comparing two ports."""

    one: str
    other: str
    examples: int = 0
    #: examples in which the ports differed in a way that the rules leave open
    permitted: int = 0
    differences: tuple[Difference, ...] = ()
    failure: Failure | None = None

    def lines(self) -> list[str]:
        """What to tell a person."""
        if self.failure is None:
            return [
                f"{self.one} and {self.other} agree in {self.examples} random call sequences",
                f"in {self.permitted} of them they differ in what the rules leave open",
            ]
        ops = ", ".join(type(op).__name__ for op in self.failure.scenario.ops)
        return [f"{self.one} and {self.other} differ, on {self.failure.case}: {ops}", *_told(self.differences)]


def _told(differences: tuple[Difference, ...]) -> list[str]:
    return [f"  {each.name}: {each.reason}" + (" (permitted)" if each.permitted else "") for each in differences]


class _Differs(Exception):
    """Hypothesis shrinks whatever raises this."""


@contextmanager
def _host(name: str) -> Iterator[Host]:
    """A port where it can do no harm; what ships with the suite does none."""
    harmless = name.partition(":")[0] in ("ref", "mutant", "variant")
    host: Host = InProcess(ports.open_port(name)) if harmless else InWorker(name, None, ("generic", "arch"))
    try:
        yield host
    finally:
        host.close()


def _differences(
    hosts: tuple[Host, Host], case: Case, by_service: dict[str, tuple[int, ...]]
) -> tuple[Difference, ...]:
    """Run both on one example; a port that breaks differs from one that does not."""
    one, other = (host.record(case, One((), by_service=by_service))[0] for host in hosts)
    if isinstance(one, Broke) or isinstance(other, Broke):
        broke = [each.detail for each in (one, other) if isinstance(each, Broke)]
        same = isinstance(one, Broke) and isinstance(other, Broke)
        return () if same else (Difference("port", f"one of them broke: {broke[0]}", False),)
    return tuple(compare(one.runs[0].trace, other.runs[0].trace))


def compare_ports(
    one: str, other: str, *, examples: int = 500, seed_: int | None = None, archs: tuple[str, ...] = ()
) -> Comparison:
    """Drive two ports through random call sequences.

    one, other: ports by name.  examples: how many sequences.  seed_: repeat those of an earlier run; without one they
    are the same each time.  archs: only these.
    """
    result = Comparison(one, other)
    with _host(one) as first, _host(other) as second:
        example = _example(result, (first, second), archs)
        example = settings(
            max_examples=examples, deadline=None, database=None, derandomize=seed_ is None,
            suppress_health_check=TOLERATED, phases=[Phase.generate, Phase.shrink],
        )(example)  # fmt: skip
        if seed_ is not None:
            example = seed(seed_)(example)
        try:
            example()
        except _Differs:
            assert result.failure is not None
    return result


def _example(result: Comparison, hosts: tuple[Host, Host], archs: tuple[str, ...]):  # type: ignore[no-untyped-def]
    @given(st.data())
    def example(data: st.DataObject) -> None:
        config = data.draw(strategies.configs(archs))
        scenario = data.draw(strategies.scenarios(config))
        by_service = data.draw(strategies.answers())
        found = _differences(hosts, Case(scenario, config), by_service)
        result.examples += 1
        result.permitted += bool(found) and all(each.permitted for each in found)
        wrong = tuple(each for each in found if not each.permitted)
        if wrong:
            result.differences = wrong
            result.failure = _failure(result, scenario, config, by_service)
            raise _Differs

    return example


def _failure(result: Comparison, scenario: Scenario, config: Config, by_service: dict[str, tuple[int, ...]]) -> Failure:
    case = Case(scenario, config)
    return Failure(
        FORMAT, result.one, "rfc-2010", case.id, "", scenario, asdict(config), (), against=result.other,
        by_service=by_service,
    )  # fmt: skip


def replay_comparison(failure: Failure, /) -> list[str]:
    """Run both ports of a saved comparison again; what differs, in words, or nothing."""
    case = Case(failure.scenario, Config(**failure.config))  # type: ignore[arg-type]  # checked when it was saved
    with _host(failure.port) as one, _host(failure.against) as other:
        return _told(_differences((one, other), case, dict(failure.by_service)))
