# SPDX-License-Identifier: GPL-2.0-only
"""The process that a port runs in: a crash, a loop or a stray printf costs one case and no more.

It reads requests and writes answers on two descriptors of its own; the port's standard output goes to a
file that the suite reads as a log, never as protocol.  Before each run the answers of that run are left in
a shared page, the *last words*, so that after a crash the suite knows which run it was.

It records and never judges.
"""

from __future__ import annotations

import gc
import mmap
import os
import sys
from typing import TYPE_CHECKING, Any

import msgspec

from mmu_gather_conformance import forms, ports, wire
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.config import Config
from mmu_gather_conformance.hosts import One, recorded
from mmu_gather_conformance.image import ProtocolError
from mmu_gather_conformance.scenario import Scenario

if TYPE_CHECKING:
    from mmu_gather_conformance.agreement.runs import Pair


class LastWords:
    """A page shared with the suite: which run is under way."""

    def __init__(self, path: str, /) -> None:
        with open(path, "r+b") as file:  # noqa: PTH123 - pathlib takes as long to import as a run
            self._page = mmap.mmap(file.fileno(), 4096)

    def say(self, choices: tuple[int, ...], fill: int, nested_at: int) -> None:
        """Leave the answers of the run that begins now."""
        body = msgspec.json.encode([list(choices[:400]), fill, nested_at])
        self._page[: len(body) + 1] = body + b"\0"


#: What the port was compared with so far, linked.
_pairs: dict[str, Pair] = {}


def asked(request: wire.Request) -> tuple[Case, One | None]:
    """The case of a request, and the one run of it that is asked for."""
    case = Case(forms.decode(request.scenario, Scenario), Config(**request.config))
    if request.choices is None:
        return case, None
    return case, One(request.choices, request.fill, request.nested_at, request.by_service)


def answer(port: ports.Port, request: wire.Request, words: LastWords) -> wire.Answer:
    """Record, and pack what was recorded; a port that cannot be linked is an answer, too."""
    if request.against:
        return agreement(port, request)
    if not request.case:
        return wire.Answer(archs=port.archs, bits=port.bits, era=port.era, version=port.version)
    try:
        recording, seconds = recorded(port, *asked(request), words.say)
    except ProtocolError as error:
        return wire.Answer(error=str(error))
    packed = wire.pack(recording)
    packed.seconds = seconds
    return packed


def agreement(port: ports.Port, request: wire.Request) -> wire.Answer:
    """Compare with another port of the suite, both in this process."""
    from mmu_gather_conformance.agreement import over_the_wire  # noqa: PLC0415 - few workers are asked
    from mmu_gather_conformance.agreement.runs import Pair  # noqa: PLC0415 - as above

    pair = _pairs.get(request.against)
    try:
        if pair is None:
            pair = _pairs[request.against] = Pair(port, ports.open_port(request.against))
        if request.case:
            found = pair.on_case(asked(request)[0])
        else:
            found = pair.on_random(request.archs, request.seed, request.first, request.count, request.bits)
    except ProtocolError as error:
        return wire.Answer(error=str(error))
    return over_the_wire.pack(found)


def serve(arguments: dict[str, Any]) -> None:
    """Answer requests until the suite closes its end."""
    gc.disable()  # a recording holds no cycles; a worker does not live long
    requests, answers = arguments["requests"], arguments["answers"]
    words = LastWords(arguments["words"])
    port: ports.Port | None = None
    why = ""
    try:
        port = ports.open_port(arguments["port"], arguments["era"], tuple(arguments["halves"]))
    except (ProtocolError, ports.UnknownPort) as error:
        why = str(error)
    while True:
        request = msgspec.msgpack.decode(wire.read(requests), type=wire.Request)
        try:
            reply = wire.Answer(error=why) if port is None else answer(port, request, words)
        except Exception as error:  # noqa: BLE001 - it is told to the suite
            reply = wire.Answer(fault=f"{type(error).__name__}: {error}")
        sys.stdout.flush()
        gc.collect(0)
        wire.write(answers, reply)


def main() -> None:
    """The process's entry: one JSON argument says what to open and where to talk."""
    try:
        serve(msgspec.json.decode(sys.argv[1]))
    except (EOFError, BrokenPipeError):
        os._exit(0)  # the suite is gone; a port's atexit is none of our affair


if __name__ == "__main__":
    main()
