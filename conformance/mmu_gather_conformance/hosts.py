# SPDX-License-Identifier: GPL-2.0-only
"""Where a port runs: a host takes a case and gives a recording back, or says how the port broke.

Here are the hosts that need no process of their own: this one, for the suite's own ports and for whoever wants to
debug another, and none at all.  `worker_host` has the one that does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol, TypeAlias

from mmu_gather_spec.record import record

from mmu_gather_conformance.case import Case
from mmu_gather_conformance.config import WIDTHS
from mmu_gather_conformance.image import ProtocolError
from mmu_gather_conformance.ports import Port
from mmu_gather_conformance.recorder import Outcome, Recorder, Recording, Run
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


class Described(NamedTuple):
    """What a port is for."""

    archs: tuple[str, ...]
    era: str
    #: how many bits a word may have
    bits: tuple[int, ...] = WIDTHS
    #: what it says of its own version
    version: str = ""


class Host(Protocol):
    """Records cases of one port."""

    def record(self, case: Case, one: One | None = None) -> tuple[Recording | Broke, float]:
        """All runs of a case, or one; and how many seconds recording took."""
        ...

    def close(self) -> None:
        """End what is running."""
        ...


#: Told before each run by which answers and which filling it goes, and where a second gather runs.
Before: TypeAlias = Callable[[tuple[int, ...], int, int], None]


def recorded(
    port: Port, case: Case, one: One | None = None, before_run: Before | None = None
) -> tuple[Recording, float]:
    """A case of a port, recorded in this process; and how many seconds of the process that took.

    one: this run of it, and no other.
    Errors: ProtocolError for a port that cannot be linked.
    """
    config = case.config
    recorder = Recorder(port.image(config), case.scenario, config)
    if before_run is not None:
        recorder.before_run = before_run
    began = time.process_time()  # not the clock on the wall: others may be using the machine
    if one is None:
        recording = recorder.record()
        recording.effects = recorder.effects
    else:
        run, _ = recorder.run(one.choices, one.fill, one.nested_at, one.by_service)
        recording = Recording([run], closed=False)
    return recording, time.process_time() - began


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

    def __init__(self, port: Port, /) -> None:
        self.port = port

    def record(self, case: Case, one: One | None = None) -> tuple[Recording | Broke, float]:
        """As a worker would, without the process."""
        try:
            recording, seconds = recorded(self.port, case, one)
        except ProtocolError as error:
            return Broke(Verdict.PROTOCOL_ERROR, str(error)), 0.0
        return whole(recording), seconds

    def close(self) -> None:
        """Nothing to end."""
