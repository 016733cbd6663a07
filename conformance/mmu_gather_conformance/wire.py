# SPDX-License-Identifier: GPL-2.0-only
"""The wire between the suite and the process that a port runs in: a case out, its recording back.

A frame is a length and a MessagePack document.  A recording carries each different event once; a run is
its answers and a list of event numbers, since most runs share most of their events.  Nothing that is
read here is trusted to be a program: no pickles.
"""

from __future__ import annotations

import os
import struct
from array import array
from typing import Any, Final, get_args

import msgspec
from mmu_gather_spec import events as ev

from mmu_gather_conformance.recorder import Outcome, Recording, Run

_EVENTS: Final[dict[str, type[ev.Event]]] = {kind.__name__: kind for kind in get_args(ev.AnyEvent)}
_LENGTH: Final = struct.Struct("<I")
#: No honest recording is larger.
FRAME_BOUND: Final = 1 << 30


class Request(msgspec.Struct, frozen=True):
    """Record this case; or, with `choices`, one run of it.  Without a case: which archs is the port for?"""

    case: str
    scenario: bytes
    config: dict[str, Any]
    choices: tuple[int, ...] | None = None
    fill: int = 0
    nested_at: int = 0
    #: answers by service, for whoever compares ports that ask different questions
    by_service: dict[str, tuple[int, ...]] | None = None
    #: compare with this port, event by event, instead of answering with what was recorded; see `agreement`
    against: str = ""
    #: without a case: the random callers of this seed on these archs and widths, so many from this number on
    archs: tuple[str, ...] = ()
    bits: tuple[int, ...] = ()
    seed: int = 0
    first: int = 0
    count: int = 0


class WireParted(msgspec.Struct):
    """Two runs that are not the same: of which caller on which machine, and which of the two were made at all."""

    scenario: bytes
    config: dict[str, Any]
    made: tuple[bool, bool]
    by_service: dict[str, tuple[int, ...]]
    number: int


class WireRun(msgspec.Struct, array_like=True):
    """One run: answers, filling, outcome, detail, where a second gather ran, and its events."""

    choices: tuple[int, ...]
    fill: int
    outcome: str
    detail: str
    nested_at: int
    events: bytes


class Answer(msgspec.Struct):
    """A recording, or why there is none."""

    events: list[tuple[str, Any]] = []
    runs: list[WireRun] = []
    closed: bool = True
    effects: int = 0
    error: str = ""
    fault: str = ""
    archs: tuple[str, ...] = ()
    #: how many bits a word may have
    bits: tuple[int, ...] = ()
    #: the era that the port is of; empty where the worker was told one
    era: str = ""
    #: what the port says of its own version
    version: str = ""
    seconds: float = 0.0
    #: how many runs were the same under both ports, and the two that were not
    agreed: int = 0
    parted: WireParted | None = None


def pack(recording: Recording, /) -> Answer:
    """A recording as it goes over the wire."""
    numbers: dict[int, int] = {}
    events: list[ev.AnyEvent] = []
    runs = []
    for run in recording.runs:
        ids = array("I")
        for event in run.trace:
            number = numbers.get(id(event))
            if number is None:
                number = numbers[id(event)] = len(events)
                events.append(event)
            ids.append(number)
        runs.append(WireRun(run.choices, run.fill, run.outcome.value, run.detail, run.nested_at, ids.tobytes()))
    return Answer([(type(event).__name__, event) for event in events], runs, recording.closed, recording.effects)


def unpack(answer: Answer, /) -> Recording:
    """The recording that an answer carries.

    Errors: msgspec.ValidationError, KeyError or IndexError where it is not one.
    """
    known: list[Any] = [msgspec.convert(body, _EVENTS[kind]) for kind, body in answer.events]
    recording = Recording(closed=answer.closed, effects=answer.effects)
    for run in answer.runs:
        ids = array("I")
        ids.frombytes(run.events)
        trace = tuple(known[i] for i in ids)
        recording.runs.append(Run(run.choices, run.fill, trace, Outcome(run.outcome), run.detail, run.nested_at))
    return recording


def write(fd: int, message: msgspec.Struct, /) -> None:
    """Send one frame."""
    body = msgspec.msgpack.encode(message)
    data = memoryview(_LENGTH.pack(len(body)) + body)
    while data:
        data = data[os.write(fd, data) :]


def read_exactly(fd: int, size: int, /) -> bytes:
    """That many bytes.  Errors: EOFError when the other side is gone."""
    parts: list[bytes] = []
    while size:
        part = os.read(fd, min(size, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def read(fd: int, /) -> bytes:
    """One frame's document.  Errors: EOFError; ValueError for a length that no frame has."""
    (size,) = _LENGTH.unpack(read_exactly(fd, _LENGTH.size))
    if size > FRAME_BOUND:
        raise ValueError(f"a frame of {size} bytes")
    return read_exactly(fd, size)
