# SPDX-License-Identifier: GPL-2.0-only
"""Where a port runs: a host takes a case and gives a recording back, or says how the port broke.

Here are the hosts that need no process of their own: this one, for the suite's own ports and for whoever wants to
debug another, and none at all.  `worker_host` has the one that does.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Final, Protocol

import msgspec
from mmu_gather_spec.record import record

from mmu_gather_conformance import ports, wire, worker
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.image import ProtocolError
from mmu_gather_conformance.recorder import Outcome, Recording, Run
from mmu_gather_conformance.verdict import Verdict

#: A case that takes longer than this many seconds is in a loop.
CASE_SECONDS: Final = 20.0


@record(frozen=True, slots=True)
class Broke:
    """How a port broke instead of giving a recording."""

    verdict: Verdict
    detail: str
    run: Run | None = None
    #: what was recorded before it broke
    before: Recording | None = None


@record(frozen=True, slots=True)
class One:
    """One run of a case, by its answers."""

    choices: tuple[int, ...]
    fill: int = 0
    nested_at: int = 0
    by_service: dict[str, tuple[int, ...]] | None = None


class Host(Protocol):
    """Records cases of one port."""

    def record(self, case: Case, one: One | None = None) -> tuple[Recording | Broke, float]:
        """All runs of a case, or one; and how many seconds recording took."""
        ...

    def close(self) -> None:
        """End what is running."""
        ...


def request(case: Case, one: One | None, /) -> wire.Request:
    """What is asked of whoever runs the port."""
    scenario = msgspec.json.encode(case.scenario)
    if one is None:
        return wire.Request(case.id, scenario, asdict(case.config))
    return wire.Request(case.id, scenario, asdict(case.config), one.choices, one.fill, one.nested_at, one.by_service)


def whole(recording: Recording, /) -> Recording | Broke:
    """The recording, if each of its runs has come to its end."""
    for run in recording.runs:
        if run.outcome is not Outcome.ENDED:
            return Broke(Verdict(run.outcome.value), run.detail, run, recording)
    return recording


class Nowhere:
    """Where a port runs that could not be loaded."""

    def record(self, case: Case, one: One | None = None) -> tuple[Recording | Broke, float]:
        """Nobody asks: the trouble is known before the first case."""
        return Broke(Verdict.PROTOCOL_ERROR, "the port is not loaded"), 0.0

    def close(self) -> None:
        """Nothing to end."""


class InProcess:
    """The port runs in this process: for a debugger, and for the reference."""

    def __init__(self, port: ports.Port, /) -> None:
        self.port = port

    def record(self, case: Case, one: One | None = None) -> tuple[Recording | Broke, float]:
        """As a worker would, without the process."""
        try:
            recording, seconds = worker.record(self.port, request(case, one))
        except ProtocolError as error:
            return Broke(Verdict.PROTOCOL_ERROR, str(error)), 0.0
        return whole(recording), seconds

    def close(self) -> None:
        """Nothing to end."""
